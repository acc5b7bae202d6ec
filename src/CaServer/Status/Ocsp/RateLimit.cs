namespace CaServer.Status;

/// <summary>A budget of so many a second, of which one second's worth may be spent at once.</summary>
internal sealed class RateLimit(int perSecond, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly long _cost = clock.TimestampFrequency / perSecond;

    // When the budget is full again; it may lie at most a second ahead.
    private long _fullAt = clock.GetTimestamp();

    /// <summary>Takes one, if there is one.</summary>
    public bool TryTake()
    {
        var now = clock.GetTimestamp();
        lock (_lock)
        {
            var fullAt = Math.Max(_fullAt, now) + _cost;
            if (fullAt - now > clock.TimestampFrequency)
                return false;
            _fullAt = fullAt;
            return true;
        }
    }
}
