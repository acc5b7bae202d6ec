using CaServer.Domain;
using DnsClient;
using DnsClient.Protocol;

namespace CaServer.Validation.Dns;

/// <summary>
/// Whether the zone of a name is provably unsigned, although its name servers do not answer: BR §3.2.2.8.1 makes much of that. What
/// an attacker can do is keep answers away; a proof that there is no signature needs the signed zone above.
/// </summary>
internal sealed class ZoneSecurity(NameServers servers)
{
    /// <summary>Asks upward from a name until somebody answers; false also if nobody does.</summary>
    internal async Task<bool> IsInsecureAsync(string name, CancellationToken ct)
    {
        // Servers that choke on CAA alone still know their own zone.
        if (await servers.AskAsync(name, QueryType.SOA, ct) is { IsAnswer: true } own)
            return own.Dnssec == DnssecState.Insecure;
        // DS records are answered by the zone above, whatever became of the servers of the one below (RFC 4035 §3.1.4.1).
        for (var at = name; at.Length > 0 && !ct.IsCancellationRequested; at = Parent(at))
        {
            if (await servers.AskAsync(at, QueryType.DS, ct) is { IsAnswer: true } answer)
                return answer.Dnssec == DnssecState.Insecure || (answer.Dnssec == DnssecState.Secure && IsUnsignedDelegation(at, answer));
        }
        return false;
    }

    /// <summary>The name above; empty above a single label.</summary>
    internal static string Parent(string name) => name.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? name[(dot + 1)..] : "";

    // RFC 6840 §4.4: an NSEC record of this very name that has NS, but neither DS nor SOA. That of the zone's own apex has SOA.
    private static bool IsUnsignedDelegation(string name, DnsAnswer answer) =>
        answer.Cause is null && !answer.Records.OfType<DsRecord>().Any() && answer.Authorities.OfType<NSecRecord>().Any(n =>
            n.DomainName.Original.TrimEnd('.').Equals(name, StringComparison.OrdinalIgnoreCase)
            && n.TypeBitMaps.Contains(ResourceRecordType.NS) && !n.TypeBitMaps.Contains(ResourceRecordType.DS) && !n.TypeBitMaps.Contains(ResourceRecordType.SOA));
}
