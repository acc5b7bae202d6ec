using CaServer.Domain;
using CaServer.Validation.Dns;
using DnsClient;
using DnsClient.Protocol;

namespace CaServer.Validation.Caa;

/// <summary>
/// Finds the relevant CAA record set of a name: its own or that of the nearest name above (RFC 8659 §3). Aliases are followed by the
/// resolver, and the way up is always that of the name asked about.
/// </summary>
internal sealed class CaaLookup(NameServers servers, bool retries, TimeProvider clock)
{
    // Asked at once, for one round trip instead of one per label; a name of 126 labels must not become 126 questions at once.
    private const int AtOnce = 8;

    // More than any zone needs; a bound on what an answer can make us do.
    private const int MaxRecords = 100;

    private readonly NamesWithoutCaa _above = new(clock);

    /// <summary>Looks the record set up; an answer that does not come is part of the result.</summary>
    /// <param name="name">A lower-case name without trailing dot.</param>
    /// <param name="ct">The end of the look-up.</param>
    internal async Task<CaaRecordSet> FindAsync(string name, CancellationToken ct)
    {
        var states = new List<DnssecState>();
        var through = "";
        foreach (var names in Upward(name).Chunk(AtOnce))
        {
            var answers = await Task.WhenAll(names.Select(n => n == name ? AskAsync(n, ct) : AskAboveAsync(n, ct)));
            foreach (var (at, answer) in names.Zip(answers))
            {
                through = answer.Server;
                if (!answer.IsAnswer)
                    return new CaaRecordSet { Through = through, Unanswered = at, Cause = answer.Cause, Fault = answer.Fault };
                states.Add(answer.Dnssec);
                if (Read(at, answer) is { } found)
                    return found with { Dnssec = states.Least() };
            }
        }
        return new CaaRecordSet { Through = through, Dnssec = states.Least() };
    }

    // BR §3.2.2.8.1: a failure counts as one only after another try.
    private async Task<DnsAnswer> AskAsync(string name, CancellationToken ct)
    {
        var answer = await servers.AskAsync(name, QueryType.CAA, ct);
        return answer.IsAnswer || !retries || answer.Cause is FailureCause.DnssecBogus or FailureCause.NoResolver ? answer : await servers.AskAsync(name, QueryType.CAA, ct);
    }

    private async Task<DnsAnswer> AskAboveAsync(string name, CancellationToken ct)
    {
        if (_above.Find(name) is { } known)
            return known;
        var answer = await AskAsync(name, ct);
        _above.Keep(name, answer);
        return answer;
    }

    private static CaaRecordSet? Read(string name, DnsAnswer answer)
    {
        if (answer.Cause is not null)
            return null;
        var owner = Aliases.Owner(name, answer.Records);
        var records = answer.Records.OfType<CaaRecord>().Where(r => Aliases.IsSame(r.DomainName, owner))
            .Take(MaxRecords).Select(r => new CaaProperty(r.Flags, r.Tag.ToLowerInvariant(), r.Value)).ToList();
        return records.Count == 0
            ? null
            : new CaaRecordSet { Through = answer.Server, Set = name, Alias = Aliases.IsSame(owner, name) ? null : owner.TrimEnd('.'), Records = records };
    }

    // Not the root, which nobody below may speak for (RFC 8659 §3).
    private static IEnumerable<string> Upward(string name)
    {
        for (var at = name; at.Length > 0; at = ZoneSecurity.Parent(at))
            yield return at;
    }
}
