using CaServer.Domain;
using CaServer.Signing;
using CaServer.Validation;
using CaServer.Validation.Remote;

namespace CaServer.Workers;

/// <summary>
/// The perspectives that look at a name together, each with resolvers and a key of its own, all at the same time: those of this process and
/// those that are asked through the database. A name is proved if enough of them found it so; a repeated attempt begins from nothing (BR
/// §3.2.2.9).
/// </summary>
/// <param name="primary">The process's own.</param>
/// <param name="others">Further ones in this process.</param>
/// <param name="remotes">Those in other processes, if there are any.</param>
/// <param name="policy">How many must agree.</param>
/// <param name="clock">The time.</param>
internal sealed class PerspectiveGroup(
    Perspective primary, IReadOnlyList<Perspective> others, RemotePerspectives? remotes, QuorumPolicy policy, TimeProvider clock) : IDisposable
{
    // When it is decided, what the others saw still belongs in the explanation (BR §5.4.1), and they are seldom much later. A name that is
    // proved does not wait long for it; a failure is what explanations are read for.
    private static readonly TimeSpan s_patienceIfEnough = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patienceIfTooFew = TimeSpan.FromSeconds(5);

    // Who did not answer the last time is waited for a part of that, long enough to hear that it is back.
    private const int LessForSilent = 4;

    /// <summary>The process's own perspective.</summary>
    public Perspective Primary => primary;

    /// <summary>How many must agree.</summary>
    public QuorumPolicy Policy => policy;

    /// <summary>Whether CAA is looked up for an identifier.</summary>
    public bool ChecksCaa(Identifier identifier) => primary.ChecksCaa(identifier);

    /// <summary>
    /// Has all check an identifier and waits until it is decided, then a moment for the rest; who is later counts as silent. Thrown is
    /// only cancellation by the caller, and that nobody elsewhere could be asked.
    /// </summary>
    public async Task<JointOutcome> CheckAsync(ValidationRequest request, CancellationToken ct)
    {
        // A value that was sent is known again only by who made it.
        if (IsAlone || MethodRule.Of(request.Method).IsEmail)
            return new JointOutcome([await primary.CheckAsync(request, ct)], policy, clock.GetUtcNow());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var outcomes = await GatherAsync(
            Ask(p => p.CheckAsync(request, stop.Token), remotes?.Ask(request, stop.Token)),
            outcome => outcome is ValidationOutcome.Valid, SilentPerspective.ToCheck, stop, ct);
        return new JointOutcome(outcomes, policy, clock.GetUtcNow());
    }

    /// <summary>Has all look CAA up, and waits for them in the same way.</summary>
    public async Task<JointCaa> CheckCaaAsync(CaaRequest request, CancellationToken ct)
    {
        if (IsAlone)
            return new JointCaa([await primary.CheckCaaAsync(request, ct)], policy, clock.GetUtcNow());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var outcomes = await GatherAsync(
            Ask(p => p.CheckCaaAsync(request, stop.Token), remotes?.Ask(request, stop.Token)),
            outcome => outcome is CaaOutcome.Permitted, SilentPerspective.ToCaa, stop, ct);
        return new JointCaa(outcomes, policy, clock.GetUtcNow());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var perspective in others.Prepend(primary))
            perspective.Dispose();
    }

    private bool IsAlone => others.Count == 0 && remotes is null;

    private List<(string Name, Task<T> Answer)> Ask<T>(Func<Perspective, Task<T>> local, IEnumerable<(string, Task<T>)>? remote) =>
        [.. others.Prepend(primary).Select(p => (p.Name, local(p))), .. remote ?? []];

    private async Task<IReadOnlyList<T>> GatherAsync<T>(
        List<(string Name, Task<T> Answer)> asked, Func<T, bool> agrees, Func<string, DateTimeOffset, DateTimeOffset, T> silent,
        CancellationTokenSource stop, CancellationToken ct)
    {
        try
        {
            return await GatherAsync(asked, agrees, silent, ct);
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private async Task<IReadOnlyList<T>> GatherAsync<T>(
        List<(string Name, Task<T> Answer)> asked, Func<T, bool> agrees, Func<string, DateTimeOffset, DateTimeOffset, T> silent, CancellationToken ct)
    {
        var since = clock.GetUtcNow();
        bool? isEnough = null;
        while (isEnough is null)
        {
            var open = asked.Where(a => !a.Answer.IsCompleted).ToList();
            isEnough = Decision(asked, open, agrees);
            if (isEnough is null)
                await Task.WhenAny(open.Select(a => a.Answer));
        }
        var patience = isEnough.Value ? s_patienceIfEnough : s_patienceIfTooFew;
        if (asked.All(a => a.Answer.IsCompleted || remotes?.IsSilent(a.Name) == true))
            patience /= LessForSilent;
        var all = Task.WhenAll(asked.Select(a => a.Answer));
        // Whatever they end with is looked at below; after the wait nobody reads the others.
        await Task.WhenAny(all, Task.Delay(patience, clock, ct));
        ct.ThrowIfCancellationRequested();
        var until = clock.GetUtcNow();
        var answers = new List<T>(asked.Count);
        foreach (var (name, answer) in asked)
        {
            answers.Add(answer.IsCompleted ? await answer : silent(name, since, until));
            if (!answer.IsCompleted && remotes?.Has(name) == true)
                remotes.Note(name, until - since);
        }
        return answers;
    }

    // Null while what is still open could decide it one way or the other.
    private bool? Decision<T>(List<(string Name, Task<T> Answer)> asked, List<(string Name, Task<T> Answer)> open, Func<T, bool> agrees)
    {
        var now = clock.GetUtcNow();
        var agreeing = asked.Where(a => a.Answer.IsCompletedSuccessfully && agrees(a.Answer.Result)).Select(a => a.Name).ToHashSet(StringComparer.Ordinal);
        if (policy.Shortfall(agreeing, now) is null)
            return true;
        agreeing.UnionWith(open.Select(a => a.Name));
        return open.Count == 0 || policy.Shortfall(agreeing, now) is not null ? false : null;
    }
}
