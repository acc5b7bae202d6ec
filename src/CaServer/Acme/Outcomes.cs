using System.Collections.Concurrent;

namespace CaServer.Acme;

/// <summary>
/// Lets a request wait a moment for work that a worker of this process does. Nobody relies on it: what is awaited stands in the
/// database, and a waiter that hears nothing reads it there when its time is up.
/// </summary>
internal sealed class Outcomes<TId> where TId : struct
{
    private readonly ConcurrentDictionary<TId, TaskCompletionSource> _waiting = new();

    /// <summary>Starts listening; call it before the work is handed over, or the outcome may be missed.</summary>
    public Task Of(TId id) =>
        _waiting.GetOrAdd(id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Tells that the work is done, well or not.</summary>
    public void Complete(TId id)
    {
        if (_waiting.TryRemove(id, out var source))
            source.TrySetResult();
    }

    /// <summary>Waits for an outcome at most so long; false if it did not come.</summary>
    public async Task<bool> WaitAsync(TId id, Task outcome, TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
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
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }
}
