using System.Net;
using System.Net.Sockets;

namespace CaServer.Limits;

/// <summary>
/// The address that a request comes from: of the connection, or, behind proxies that are known, the last address in
/// X-Forwarded-For that none of them has. Whatever stands further left, the client may have written itself.
/// </summary>
internal sealed class ClientAddress(IReadOnlyList<IPNetwork> trustedProxies)
{
    private const string ForwardedFor = "X-Forwarded-For";

    // More proxies in a row than anybody has; the header's length is bounded by the listener.
    private const int MaxHops = 20;

    /// <summary>The client's address; IPv4 as such, also where the socket shows it in IPv6 form.</summary>
    public IPAddress Of(HttpContext context)
    {
        var address = Plain(context.Connection.RemoteIpAddress ?? IPAddress.None);
        if (trustedProxies.Count == 0 || !IsTrusted(address))
            return address;
        // Each proxy appends the address that it was called from; several headers are one list.
        var hops = string.Join(',', context.Request.Headers[ForwardedFor].Where(h => h is not null)).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var hop in hops.Reverse().Take(MaxHops))
        {
            // What a known proxy cannot have written ends the chain: then the proxy itself answers for the request.
            if (!TryParse(hop, out var next))
                break;
            address = next;
            if (!IsTrusted(address))
                break;
        }
        return address;
    }

    // Some proxies add the port.
    private static bool TryParse(string hop, out IPAddress address)
    {
        if (IPAddress.TryParse(hop, out var plain) || (IPEndPoint.TryParse(hop, out var endpoint) && (plain = endpoint.Address) is not null))
        {
            address = Plain(plain);
            return true;
        }
        address = IPAddress.None;
        return false;
    }

    private static IPAddress Plain(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        // A zone says which of our interfaces, nothing of the client.
        return address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes()) : address;
    }

    private bool IsTrusted(IPAddress address)
    {
        foreach (var network in trustedProxies)
        {
            if (network.Contains(address))
                return true;
        }
        return false;
    }
}
