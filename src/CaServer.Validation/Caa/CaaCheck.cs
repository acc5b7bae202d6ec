using CaServer.Domain;
using CaServer.Validation.Addresses;
using CaServer.Validation.Connections;
using CaServer.Validation.Dns;

namespace CaServer.Validation.Caa;

/// <summary>
/// CAA (RFC 8659, RFC 8657, BR §3.2.2.8). What becomes of a look-up that fails is the policy's: under <see cref="CaaPolicy.Require"/>
/// it passes only where the zone is provably unsigned, which takes a resolver that validates (BR §3.2.2.8.1).
/// </summary>
internal sealed class CaaCheck
{
    // What a trace keeps of a record set.
    private const int MaxTraced = 10;

    private readonly PerspectiveSettings _settings;
    private readonly TimeProvider _clock;
    private readonly CaaLookup _lookup;
    private readonly ZoneSecurity _zones;

    internal CaaCheck(PerspectiveSettings settings, TimeProvider clock)
    {
        _settings = settings;
        _clock = clock;
        var servers = new NameServers(settings);
        _lookup = new CaaLookup(servers, retries: settings.Caa == CaaPolicy.Require, clock);
        _zones = new ZoneSecurity(servers);
    }

    /// <summary>Whether CAA is looked up for an identifier. RFC 8659 has none for addresses, and nobody's zone has <c>.localhost</c> (RFC 6761 §6.3).</summary>
    internal bool IsFor(Identifier identifier) =>
        _settings.Caa != CaaPolicy.Ignore
        && identifier.Type == IdentifierType.Dns
        && (_settings.Preset == PolicyPreset.WebPki || !LocalhostName.Is(identifier.Value));

    /// <summary>Looks CAA up and judges it; the end of time is a finding like any other.</summary>
    /// <returns>The result that permits, or why it does not.</returns>
    internal async Task<(CaaResult? Result, Failure? Failure)> RunAsync(CaaQuestion question, CheckLog log, CancellationToken ct)
    {
        var set = await _lookup.FindAsync(question.Name, ct);
        var refusal = set.Set is null ? null : new CaaAnswer(_settings.IssuerNames, question).Refusal(set);
        if (set.Unanswered is not null)
            (set, refusal) = await UnansweredAsync(set, question, ct);

        var state = refusal is not null && set.Unanswered is null ? CaaState.Forbidden
            : set.Unanswered is not null ? CaaState.Unanswered
            : set.Set is not null ? CaaState.Permitted
            : CaaState.Absent;
        log.Add(new CheckStep.CaaLookedUp(
            question.Subject, set.Through, set.Set, set.Alias is { } alias ? Printable.Of(alias) : null, [.. set.Records.Take(MaxTraced).Select(r => r.Shown)],
            set.Records.Count, [.. set.Values("iodef").Take(MaxTraced).Select(Printable.Of)], set.Dnssec, state,
            set.Unanswered is null ? null : $"{set.Unanswered}: {set.Fault}"));
        return refusal is null
            ? (new CaaResult(state, question.Wildcard, set.Set, _clock.GetUtcNow().ToUnixTimeSeconds(), set.Dnssec), null)
            : (null, refusal);
    }

    private async Task<(CaaRecordSet Set, Failure? Refusal)> UnansweredAsync(CaaRecordSet set, CaaQuestion question, CancellationToken ct)
    {
        if (set.Cause == FailureCause.DnssecBogus)
            return (set, Refuse(set, question, FailureCause.DnssecBogus, ConnectionFailures.DnssecRemedy));
        if (_settings.Dnssec && await _zones.IsInsecureAsync(set.Unanswered!, ct))
            return (set with { Dnssec = DnssecState.Insecure }, null);
        return _settings.Caa == CaaPolicy.Respect
            ? (set, null)
            : (set, Refuse(
                set, question, FailureCause.CaaUnanswered,
                $"See whether all name servers of {set.Unanswered} answer questions of type CAA, if only that there is no such record; then try again."));
    }

    private static Failure Refuse(CaaRecordSet set, CaaQuestion question, FailureCause cause, string remedy) => new(
        cause,
        ProblemType.Dns,
        $"The CAA records of {set.Unanswered}, which decide about {question.Subject}, could not be looked up: {set.Fault}.",
        remedy);
}
