using CaServer.Domain;

namespace CaServer.Validation;

/// <summary>A CAA look-up that a perspective is asked for, for a proof of control that is to be used again.</summary>
public sealed record CaaRequest
{
    /// <summary>The domain name; not a wildcard.</summary>
    public required Identifier Identifier { get; init; }

    /// <summary>Whether it is asked for the wildcard of the name.</summary>
    public required bool Wildcard { get; init; }

    /// <summary>The method by which control was proved.</summary>
    public required ValidationMethod Method { get; init; }

    /// <summary>The account's URL.</summary>
    public required string AccountUrl { get; init; }
}

/// <summary>How a CAA look-up ended.</summary>
public abstract record CaaOutcome
{
    private CaaOutcome()
    {
    }

    /// <summary>What was done and seen.</summary>
    public required CheckTrace Trace { get; init; }

    /// <summary>CAA permits this CA; the perspective says so under its signature.</summary>
    public sealed record Permitted(SignedCaaStatement Statement) : CaaOutcome;

    /// <summary>It does not, or there was no answer.</summary>
    public sealed record Refused(AcmeProblem Problem) : CaaOutcome
    {
        /// <summary>The cause as told apart by the explanation.</summary>
        public required FailureCause Cause { get; init; }

        /// <summary>What was seen, one sentence.</summary>
        public required string Diagnosis { get; init; }

        /// <summary>What to change, one sentence.</summary>
        public required string Remedy { get; init; }
    }
}
