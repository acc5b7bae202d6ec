using CaServer.Domain;
using CaServer.Signing;
using CaServer.Validation;

namespace CaServer.Workers;

/// <summary>What the perspectives found together.</summary>
/// <param name="Outcomes">Of each, the primary first.</param>
/// <param name="Policy">How many must agree.</param>
/// <param name="At">When it was judged.</param>
internal sealed record JointOutcome(IReadOnlyList<ValidationOutcome> Outcomes, QuorumPolicy Policy, DateTimeOffset At)
{
    /// <summary>The page that explains it, if there is one.</summary>
    public string? Page { get; init; }

    /// <summary>The signed statements of those that found the name proved.</summary>
    public IReadOnlyList<SignedControlStatement> Statements { get; } = [.. Outcomes.OfType<ValidationOutcome.Valid>().Select(v => v.Statement)];

    /// <summary>Whether they are enough.</summary>
    public bool IsProved => Shortfall is null;

    /// <summary>Such as <c>2/3</c>: how many found the name proved (BR §5.4.1(2)).</summary>
    public string Agreement => Policy.Agreement(Agreeing, Outcomes.Count);

    /// <summary>What each found, such as <c>office: valid, branch: not-found</c>.</summary>
    public string Findings => string.Join(", ", Outcomes.Select(o => $"{o.Trace.Perspective}: {(o is ValidationOutcome.Failed f ? WireName.Of(f.Cause) : "valid")}"));

    /// <summary>The first that failed by what it saw, or else that failed at all; null if none did.</summary>
    public ValidationOutcome.Failed? FirstFailure => Outcomes.OfType<ValidationOutcome.Failed>()
        .OrderBy(f => f.Cause is FailureCause.PerspectiveSilent or FailureCause.PerspectiveFaulty).FirstOrDefault();

    /// <summary>Whether another attempt may end otherwise with nobody doing anything.</summary>
    public bool MayPass => Policy.Shortfall(Names(o => o is ValidationOutcome.Valid or ValidationOutcome.Failed { MayPass: true }), At) is null;

    /// <summary>
    /// Why the name is not proved: what the first one that failed saw, and how many agree where there are several; or that all who were
    /// asked are too few, as from the day on which the rules want more.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is proved.</exception>
    public AcmeProblem Problem
    {
        get
        {
            var shortfall = Shortfall ?? throw new InvalidOperationException("The name is proved.");
            if (FirstFailure is not { } failure)
                return new AcmeProblem(ProblemType.ServerInternal, Policy.Lacking(shortfall)) { Instance = Page };
            return Outcomes.Count == 1
                ? failure.Problem with { Instance = Page }
                : new AcmeProblem(
                    failure.Problem.Type,
                    $"{Statements.Count} of {Outcomes.Count} perspectives found the name proved{Policy.Demand(shortfall)}. The perspective {failure.Trace.Perspective} says: {failure.Problem.Detail}")
                {
                    Instance = Page,
                };
        }
    }

    private string? Shortfall => Policy.Shortfall(Agreeing, At);

    private HashSet<string> Agreeing => Names(o => o is ValidationOutcome.Valid);

    private HashSet<string> Names(Func<ValidationOutcome, bool> which) => Outcomes.Where(which).Select(o => o.Trace.Perspective).ToHashSet(StringComparer.Ordinal);
}

/// <summary>What the perspectives' look-ups of CAA come to together.</summary>
/// <param name="Outcomes">Of each, the primary first.</param>
/// <param name="Policy">How many must agree.</param>
/// <param name="At">When it was judged.</param>
internal sealed record JointCaa(IReadOnlyList<CaaOutcome> Outcomes, QuorumPolicy Policy, DateTimeOffset At)
{
    /// <summary>Whether enough of those that found the name proved found that CAA permits it; the signing core wants both of the same.</summary>
    public bool IsPermitted(IReadOnlySet<string> provedBy) => Shortfall(provedBy) is null;

    /// <summary>Why it is not permitted.</summary>
    /// <param name="provedBy">The perspectives that found the name proved.</param>
    /// <exception cref="InvalidOperationException">It is permitted.</exception>
    public (ProblemType Type, string Detail, FailureCause? Cause) Refusal(IReadOnlySet<string> provedBy)
    {
        var shortfall = Shortfall(provedBy) ?? throw new InvalidOperationException("CAA permits the name.");
        var agreement = $"{Agreeing(provedBy).Count} of the {provedBy.Count} perspectives that proved the name found that CAA permits it{Policy.Demand(shortfall)}";
        if (Policy.Shortfall(Outcomes.Select(o => o.Trace.Perspective).ToHashSet(StringComparer.Ordinal), At) is { } lacking)
            return (ProblemType.ServerInternal, Policy.Lacking(lacking), null);
        // By what it saw, or else at all.
        var refusal = Outcomes.OfType<CaaOutcome.Refused>().OrderBy(r => r.Cause is FailureCause.PerspectiveSilent or FailureCause.PerspectiveFaulty).FirstOrDefault();
        if (refusal is null)
            return (ProblemType.Unauthorized, $"{agreement}, so it must be proved again: deactivate its authorization and place a new order.", null);
        return (refusal.Problem.Type, Outcomes.Count == 1 ? refusal.Problem.Detail : $"{agreement}. The perspective {refusal.Trace.Perspective} says: {refusal.Problem.Detail}", refusal.Cause);
    }

    private string? Shortfall(IReadOnlySet<string> provedBy) => Policy.Shortfall(Agreeing(provedBy), At);

    private HashSet<string> Agreeing(IReadOnlySet<string> provedBy) =>
        Outcomes.OfType<CaaOutcome.Permitted>().Select(o => o.Trace.Perspective).Where(provedBy.Contains).ToHashSet(StringComparer.Ordinal);
}

file static class QuorumWords
{
    /// <summary>What is asked for besides, as the end of a sentence.</summary>
    public static string Demand(this QuorumPolicy policy, string shortfall) => policy.Least is { } least ? $" and {least} must" : $", but {shortfall}";

    /// <summary>What is said where all who can be asked are too few.</summary>
    public static string Lacking(this QuorumPolicy policy, string shortfall) =>
        $"Too few perspectives are configured: {(policy.Least is { } least ? $"{least} must agree" : shortfall)}. Nothing is wrong with the name; tell the operator.";
}
