using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CaServer.Configuration;

/// <summary>Addresses with ports as the configuration has them: <c>192.0.2.1:53</c>, <c>[2001:db8::1]:53</c>.</summary>
internal static class Endpoint
{
    /// <summary>Reads an address in its usual form and a port; without <paramref name="defaultPort"/> the port must be there.</summary>
    public static bool TryParse(string text, int? defaultPort, [NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        endpoint = null;
        var colon = text.LastIndexOf(':');
        var port = defaultPort;
        var address = text;
        if (text.StartsWith('[') || (colon >= 0 && text.IndexOf(':', StringComparison.Ordinal) == colon))
        {
            var hasPort = colon > text.IndexOf(']', StringComparison.Ordinal);
            if (hasPort)
            {
                if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                    return false;
                port = number;
                address = text[..colon];
            }
        }
        if (port is null || !TryParseAddress(address, out var parsed))
            return false;
        endpoint = new IPEndPoint(parsed, port.Value);
        return true;
    }

    // IPAddress.TryParse also reads "1", "0x7f.1" and the like, which nobody means.
    private static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        var bare = text.StartsWith('[') && text.EndsWith(']') ? text[1..^1] : text;
        if (!IPAddress.TryParse(bare, out address))
            return false;
        return address.AddressFamily == AddressFamily.InterNetworkV6 || (bare == text && address.ToString() == text);
    }
}
