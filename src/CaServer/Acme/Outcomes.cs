using System.Collections.Concurrent;
using CaServer.Domain;

namespace CaServer.Acme;

/// <summary>
/// Work that is under way in this process, and who waits a moment for it. Nobody relies on it: what came of the work stands in the
/// database, and a waiter that hears nothing reads it there when its time is up.
/// </summary>
/// <typeparam name="TId">What is worked on.</typeparam>
/// <typeparam name="TResult">What was written, so that a waiter need not read it; null leaves it to the database.</typeparam>
internal sealed class Outcomes<TId, TResult> where TId : struct where TResult : class
{
    private readonly ConcurrentDictionary<TId, TaskCompletionSource<TResult?>> _underWay = new();

    /// <summary>Starts a piece of work, unless it is under way: false then, with the outcome of that one.</summary>
    public bool TryStart(TId id, out Task<TResult?> outcome)
    {
        var own = new TaskCompletionSource<TResult?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var source = _underWay.GetOrAdd(id, own);
        outcome = source.Task;
        return source == own;
    }

    /// <summary>Tells that the work is done, well or not.</summary>
    /// <param name="id">What was worked on.</param>
    /// <param name="written">What is in the database now because of it, durably; null if that has to be read there.</param>
    public void Complete(TId id, TResult? written)
    {
        if (_underWay.TryRemove(id, out var source))
            source.TrySetResult(written);
    }

    /// <summary>Tells that the work was refused; whoever waits gets the exception.</summary>
    public void Refuse(TId id, AcmeException refusal)
    {
        if (_underWay.TryRemove(id, out var source))
            source.TrySetException(refusal);
    }

    /// <summary>Waits for an outcome at most so long; false if it did not come.</summary>
    /// <exception cref="AcmeException">The work was refused.</exception>
    public static async Task<bool> WaitAsync(Task<TResult?> outcome, TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
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
