using System.Collections.Concurrent;
using CaServer.Validation.Dns;
using DnsClient.Protocol;

namespace CaServer.Validation.Caa;

/// <summary>
/// Names that were found to have no CAA records a moment ago. Every name below a domain has the question asked of the domain and of the
/// top-level domain, too; the same answer may be used for as long as its zone says (RFC 2308 §5), and BR §3.2.2.8 would permit eight hours.
/// </summary>
internal sealed class NamesWithoutCaa(TimeProvider clock)
{
    // So that somebody who adds a record need not wait for longer, whatever the zone says.
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);

    private const int Most = 10_000;

    private readonly ConcurrentDictionary<string, (DnsAnswer Answer, DateTimeOffset Until)> _known = new(StringComparer.Ordinal);

    /// <summary>The answer that said so; null if there is none that may still be used.</summary>
    internal DnsAnswer? Find(string name) => _known.TryGetValue(name, out var known) && known.Until > clock.GetUtcNow() ? known.Answer : null;

    /// <summary>Keeps an answer, if it says that there is no record at all, for how long, and of the name itself, not of one that it is an alias of.</summary>
    internal void Keep(string name, DnsAnswer answer)
    {
        if (answer.Cause is not null || answer.Records.Count > 0 || answer.Authorities.OfType<SoaRecord>().FirstOrDefault() is not { } zone)
            return;
        var seconds = Math.Min((uint)zone.TimeToLive, zone.Minimum);
        if (seconds == 0)
            return;
        if (_known.Count >= Most)
            _known.Clear();
        var life = TimeSpan.FromSeconds(seconds);
        _known[name] = (answer, clock.GetUtcNow() + (life < s_longest ? life : s_longest));
    }
}
