using CaServer.Domain;

namespace CaServer.Validation;

/// <summary>How a check ended.</summary>
public abstract record ValidationOutcome
{
    private ValidationOutcome()
    {
    }

    /// <summary>What was done and seen, step by step.</summary>
    public required CheckTrace Trace { get; init; }

    /// <summary>The name answered for the account; the perspective says so under its signature.</summary>
    public sealed record Valid(SignedControlStatement Statement) : ValidationOutcome;

    /// <summary>
    /// The check failed. The problem's detail is two sentences: what was seen, and what to change.
    /// </summary>
    public sealed record Failed(AcmeProblem Problem) : ValidationOutcome
    {
        /// <summary>The cause as told apart by the explanation.</summary>
        public required FailureCause Cause { get; init; }

        /// <summary>What was seen, one sentence.</summary>
        public required string Diagnosis { get; init; }

        /// <summary>What to change, one sentence.</summary>
        public required string Remedy { get; init; }

        /// <summary>Whether another attempt may end otherwise with nobody doing anything.</summary>
        public bool MayPass => Cause.MayPass();
    }
}
