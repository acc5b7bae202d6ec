using System.Collections.Concurrent;
using CaServer.Domain;

namespace CaServer.Acme;

/// <summary>
/// Work that is under way in this process, and who waits a moment for it. Nobody relies on it: what came of the work stands in the
/// database, and a waiter that hears nothing reads it there when its time is up.
/// </summary>
internal sealed class Outcomes<TId> where TId : struct
{
    private readonly ConcurrentDictionary<TId, TaskCompletionSource> _underWay = new();

    /// <summary>Starts a piece of work, unless it is under way: false then, with the outcome of that one.</summary>
    public bool TryStart(TId id, out Task outcome)
    {
        var own = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var source = _underWay.GetOrAdd(id, own);
        outcome = source.Task;
        return source == own;
    }

    /// <summary>Tells that the work is done, well or not.</summary>
    public void Complete(TId id)
    {
        if (_underWay.TryRemove(id, out var source))
            source.TrySetResult();
    }

    /// <summary>Tells that the work was refused; whoever waits gets the exception.</summary>
    public void Refuse(TId id, AcmeException refusal)
    {
        if (_underWay.TryRemove(id, out var source))
            source.TrySetException(refusal);
    }

    /// <summary>Waits for an outcome at most so long; false if it did not come.</summary>
    /// <exception cref="AcmeException">The work was refused.</exception>
    public static async Task<bool> WaitAsync(Task outcome, TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            await outcome.WaitAsync(atMost, clock, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
