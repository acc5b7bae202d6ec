using CaServer.Domain;
using CaServer.Validation;

namespace CaServer.Workers;

/// <summary>
/// The perspectives that check for this process: each looks at the network with resolvers of its own and signs with a key of its own, all at
/// the same time. A name is proved if enough of them found it so; a repeated attempt begins from nothing (BR §3.2.2.9).
/// </summary>
/// <param name="primary">The process's own.</param>
/// <param name="others">The further ones.</param>
/// <param name="quorum">How many must agree, the primary counted.</param>
internal sealed class PerspectiveGroup(Perspective primary, IReadOnlyList<Perspective> others, int quorum) : IDisposable
{
    /// <summary>The process's own perspective.</summary>
    public Perspective Primary => primary;

    /// <summary>How many must agree.</summary>
    public int Quorum => quorum;

    /// <summary>Whether CAA is looked up for an identifier.</summary>
    public bool ChecksCaa(Identifier identifier) => primary.ChecksCaa(identifier);

    /// <summary>
    /// Has all check an identifier, and waits for each: a check has its bound, and what every perspective saw belongs in the explanation
    /// (BR §5.4.1). Only cancellation by the caller is thrown.
    /// </summary>
    public async Task<JointOutcome> CheckAsync(ValidationRequest request, CancellationToken ct) => others.Count == 0
        ? new JointOutcome([await primary.CheckAsync(request, ct)], quorum)
        : new JointOutcome(await Task.WhenAll(others.Prepend(primary).Select(p => p.CheckAsync(request, ct))), quorum);

    /// <summary>Has all look CAA up.</summary>
    public async Task<IReadOnlyList<CaaOutcome>> CheckCaaAsync(CaaRequest request, CancellationToken ct) => others.Count == 0
        ? [await primary.CheckCaaAsync(request, ct)]
        : await Task.WhenAll(others.Prepend(primary).Select(p => p.CheckCaaAsync(request, ct)));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var perspective in others.Prepend(primary))
            perspective.Dispose();
    }
}

/// <summary>What the perspectives found together.</summary>
/// <param name="Outcomes">Of each, the primary first.</param>
/// <param name="Quorum">How many must agree.</param>
internal sealed record JointOutcome(IReadOnlyList<ValidationOutcome> Outcomes, int Quorum)
{
    /// <summary>The page that explains it, if there is one.</summary>
    public string? Page { get; init; }

    /// <summary>The signed statements of those that found the name proved.</summary>
    public IReadOnlyList<SignedControlStatement> Statements { get; } = [.. Outcomes.OfType<ValidationOutcome.Valid>().Select(v => v.Statement)];

    /// <summary>Whether they are enough.</summary>
    public bool IsProved => Statements.Count >= Quorum;

    /// <summary>Such as <c>2/3</c>: how many of all found the name proved.</summary>
    public string Agreement => $"{Statements.Count}/{Outcomes.Count}";

    /// <summary>The first that failed; null if none did.</summary>
    public ValidationOutcome.Failed? FirstFailure => Outcomes.OfType<ValidationOutcome.Failed>().FirstOrDefault();

    /// <summary>Whether another attempt may end otherwise with nobody doing anything.</summary>
    public bool MayPass => Statements.Count + Outcomes.Count(o => o is ValidationOutcome.Failed { MayPass: true }) >= Quorum;

    /// <summary>Why the name is not proved: what the first one that failed saw, and how many agree where there are several.</summary>
    /// <exception cref="InvalidOperationException">It is proved.</exception>
    public AcmeProblem Problem
    {
        get
        {
            var failure = FirstFailure ?? throw new InvalidOperationException("The name is proved.");
            return Outcomes.Count == 1
                ? failure.Problem with { Instance = Page }
                : new AcmeProblem(
                    failure.Problem.Type,
                    $"{Statements.Count} of {Outcomes.Count} perspectives found the name proved and {Quorum} must. The perspective {failure.Trace.Perspective} says: {failure.Problem.Detail}")
                {
                    Instance = Page,
                };
        }
    }
}
