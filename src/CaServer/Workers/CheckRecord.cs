using CaServer.Domain;
using CaServer.Storage;
using CaServer.Validation;

namespace CaServer.Workers;

/// <summary>What a perspective did, in the form in which it is kept for the explanation.</summary>
internal static class CheckRecord
{
    /// <summary>Bytes of a trace that are kept; an ordinary one has less than two thousand.</summary>
    internal const int MaxTrace = 16 * 1024;

    /// <summary>One attempt to check a challenge.</summary>
    public static PerspectiveCheck Of(ValidationWork work, ValidationOutcome outcome) => Of(work.Identifier, work.Attempt, outcome);

    /// <summary>One attempt to prove an identifier.</summary>
    public static PerspectiveCheck Of(Identifier identifier, int attempt, ValidationOutcome outcome)
    {
        var failed = outcome as ValidationOutcome.Failed;
        return Of(identifier, attempt, outcome.Trace) with
        {
            Passed = failed is null,
            Cause = failed is null ? null : WireName.Of(failed.Cause),
            Diagnosis = failed?.Diagnosis,
            Remedy = failed?.Remedy,
        };
    }

    /// <summary>A look-up of CAA for what was proved earlier.</summary>
    public static PerspectiveCheck Of(StaleCaa stale, CaaOutcome outcome)
    {
        var refused = outcome as CaaOutcome.Refused;
        return Of(stale.Identifier, PerspectiveCheck.CaaRenewal, outcome.Trace) with
        {
            Passed = refused is null,
            Cause = refused is null ? null : WireName.Of(refused.Cause),
            Diagnosis = refused?.Diagnosis,
            Remedy = refused?.Remedy,
        };
    }

    private static PerspectiveCheck Of(Identifier identifier, int attempt, CheckTrace trace) => new()
    {
        Perspective = trace.Perspective,
        Attempt = attempt,
        Identifier = identifier,
        Passed = false,
        Trace = trace.Encode(MaxTrace),
        At = trace.StartedAt.AddMilliseconds(trace.Milliseconds),
    };
}
