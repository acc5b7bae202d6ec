using CaServer.Domain;
using CaServer.Validation.Dns;

namespace CaServer.Validation;

/// <summary>Collects the steps of one check, which run one after the other.</summary>
internal sealed class CheckLog(string perspective, TimeProvider clock)
{
    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();
    private readonly long _start = clock.GetTimestamp();
    private readonly List<CheckStep> _steps = [];

    internal void Add(CheckStep step) => _steps.Add(step with { At = Elapsed });

    /// <summary>What the look-ups so far are worth together; those of CAA, which stand for themselves, left aside.</summary>
    internal DnssecState Dnssec => _steps.Select(s => s switch
    {
        CheckStep.Resolved resolved => resolved.Dnssec,
        CheckStep.Texts texts => texts.Dnssec,
        CheckStep.AliasLookedUp alias => alias.Dnssec,
        CheckStep.ContactsLookedUp contacts => contacts.Dnssec,
        _ => (DnssecState?)null,
    }).OfType<DnssecState>().Least();

    internal CheckTrace Close() => new() { Perspective = perspective, StartedAt = _startedAt, Milliseconds = Elapsed, Steps = _steps };

    private double Elapsed => Math.Round(clock.GetElapsedTime(_start).TotalMilliseconds, 1);
}
