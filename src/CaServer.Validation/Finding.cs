using CaServer.Domain;

namespace CaServer.Validation;

/// <summary>Why a check failed, and what the client is told.</summary>
/// <param name="Cause">The cause.</param>
/// <param name="Type">The ACME problem type (RFC 8555 §6.7).</param>
/// <param name="Seen">A sentence that says what was seen.</param>
/// <param name="Remedy">A sentence that says what to change.</param>
internal sealed record Failure(FailureCause Cause, ProblemType Type, string Seen, string Remedy)
{
    internal AcmeProblem ToProblem() => new(Type, $"{Seen} {Remedy}");
}

/// <summary>What a method proved besides that the name answered, as far as the method says anything about it.</summary>
internal sealed record Proof
{
    /// <summary>The address and port that gave the right answer.</summary>
    internal string? Address { get; init; }

    /// <summary>The account URL that the answer is for.</summary>
    internal string? AccountUrl { get; init; }

    /// <summary>RFC 7638 thumbprint of the account key that the answer is for, if it is not the present one.</summary>
    internal string? Thumbprint { get; init; }

    /// <summary>Whether the name's owner extends it to the names below.</summary>
    internal bool? NamesBelow { get; init; }

    /// <summary>The domain whose contact answered, if it is one above the name.</summary>
    internal string? Domain { get; init; }

    /// <summary>Until when the owner lets it be relied on, in seconds since the epoch.</summary>
    internal long? RelyUntil { get; init; }
}

/// <summary>What a method found: one of the two.</summary>
internal readonly record struct Finding(Proof? Proof, Failure? Failure)
{
    internal static Finding Proved(Proof proof) => new(proof, null);

    internal static Finding Failed(Failure failure) => new(null, failure);
}
