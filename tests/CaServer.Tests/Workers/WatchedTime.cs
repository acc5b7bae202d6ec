using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace CaServer.Tests.Workers;

/// <summary>A clock that stands still until it is advanced, and that tells when somebody begins to wait for it.</summary>
internal sealed class WatchedTime(DateTimeOffset now) : FakeTimeProvider(now)
{
    private readonly ConcurrentDictionary<TimeSpan, SemaphoreSlim> _begun = new();

    /// <summary>Ends when a wait of this length has begun, so that advancing the clock ends it; each wait ends one of these.</summary>
    internal Task WaitingAsync(TimeSpan time, CancellationToken ct) => Begun(time).WaitAsync(ct);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Begun(dueTime).Release();
        return timer;
    }

    private SemaphoreSlim Begun(TimeSpan time) => _begun.GetOrAdd(time, _ => new SemaphoreSlim(0));
}
