using System.Security.Cryptography;
using CaServer.Domain;

namespace CaServer.Validation.Remote;

/// <summary>A perspective in another process that was asked.</summary>
/// <param name="Perspective">Its name.</param>
/// <param name="Key">Its public key.</param>
/// <param name="At">When.</param>
/// <param name="Until">When its answer came.</param>
public sealed record RemoteAsked(string Perspective, ECDsa Key, DateTimeOffset At, DateTimeOffset Until)
{
    internal CheckTrace Nothing => SilentPerspective.Trace(Perspective, At, Until);

    internal FailureJson Faulty(string clause) => new(
        ProblemType.ServerInternal, FailureCause.PerspectiveFaulty, $"The answer of the perspective {Perspective} cannot be used: {clause}.",
        "Nothing is wrong with the name; tell the operator.");
}

/// <summary>What stands in the place of an answer that nobody waits for any longer.</summary>
public static class SilentPerspective
{
    /// <summary>To a request to check control.</summary>
    public static ValidationOutcome.Failed ToCheck(string perspective, DateTimeOffset from, DateTimeOffset until) =>
        RemoteAnswer.Failed(Failure(perspective, from, until), Trace(perspective, from, until));

    /// <summary>To a request to look CAA up.</summary>
    public static CaaOutcome.Refused ToCaa(string perspective, DateTimeOffset from, DateTimeOffset until) =>
        RemoteAnswer.Refused(Failure(perspective, from, until), Trace(perspective, from, until));

    internal static CheckTrace Trace(string perspective, DateTimeOffset from, DateTimeOffset until) =>
        new() { Perspective = perspective, StartedAt = from, Milliseconds = Math.Round((until - from).TotalMilliseconds, 1), Steps = [] };

    private static FailureJson Failure(string perspective, DateTimeOffset from, DateTimeOffset until) => new(
        ProblemType.ServerInternal, FailureCause.PerspectiveSilent,
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The perspective {perspective} had no answer within {(until - from).TotalSeconds:0.#} s."),
        "Nothing is wrong with the name; try again later.");
}
