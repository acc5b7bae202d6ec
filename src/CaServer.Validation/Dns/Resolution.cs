using System.Net;
using CaServer.Domain;

namespace CaServer.Validation.Dns;

/// <summary>What became of a name: addresses in the order in which to try them, or why there are none.</summary>
/// <param name="Name">The name.</param>
/// <param name="Through">Who answered.</param>
/// <param name="Addresses">IPv6 and IPv4 in turn, IPv6 first (RFC 8305 §4).</param>
/// <param name="Cause">Why there are no addresses; null if there are.</param>
/// <param name="Fault">What went wrong with one or both questions, as a clause.</param>
internal sealed record Resolution(string Name, string Through, IReadOnlyList<IPAddress> Addresses, FailureCause? Cause, string? Fault)
{
    /// <summary>Whether the answers were authenticated.</summary>
    internal DnssecState Dnssec { get; init; }

    internal static Resolution Found(string name, string through, IEnumerable<IPAddress> addresses, string? fault = null) =>
        new(name, through, InTurn(addresses), null, fault);

    internal static Resolution Missing(string name, string through, FailureCause cause, string fault) =>
        new(name, through, [], cause, fault);

    // A host whose IPv6 addresses are all dead must still be reached over IPv4 within the time of the check.
    private static List<IPAddress> InTurn(IEnumerable<IPAddress> addresses)
    {
        var families = addresses.Distinct().ToLookup(a => a.AddressFamily);
        var v6 = families[System.Net.Sockets.AddressFamily.InterNetworkV6].ToArray();
        var v4 = families[System.Net.Sockets.AddressFamily.InterNetwork].ToArray();
        var result = new List<IPAddress>(v6.Length + v4.Length);
        for (var i = 0; i < Math.Max(v6.Length, v4.Length); i++)
        {
            result.AddRange(v6.Skip(i).Take(1));
            result.AddRange(v4.Skip(i).Take(1));
        }
        return result;
    }
}
