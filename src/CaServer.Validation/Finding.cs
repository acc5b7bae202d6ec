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

/// <summary>What a method found: that the name is proved, with the address and port that gave the right answer if the method connects; or a failure.</summary>
internal readonly record struct Finding(string? Address, Failure? Failure)
{
    internal static Finding Proved(string? address) => new(address, null);

    internal static Finding Failed(Failure failure) => new(null, failure);
}
