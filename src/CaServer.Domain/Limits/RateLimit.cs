namespace CaServer.Domain;

/// <summary>
/// A rate by the generic cell rate algorithm (ITU-T I.371, virtual scheduling): all that is remembered of the past is one time,
/// the theoretical arrival time (TAT), at which everything that was used so far would have been earned. Each use moves it on by
/// the interval; it may lie ahead of now by as many intervals as may be used at once. So what was used comes back bit by bit, not
/// all at the end of a window, and in any span of time s at most <c>Burst + s / Interval</c> are let through.
/// </summary>
/// <remarks>All times are whole milliseconds, so that the database's arithmetic is the same as this.</remarks>
public sealed record RateLimit
{
    /// <summary>Creates a rate of <paramref name="count"/> in <paramref name="period"/>, of which <paramref name="burst"/> may come at once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1, or the interval would be below a millisecond.</exception>
    public RateLimit(int count, TimeSpan period, int burst)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan((long)period.TotalMilliseconds, count);
        Count = count;
        Period = period;
        Burst = burst;
        // Rounded up: never more than was said.
        var milliseconds = (long)period.TotalMilliseconds;
        Interval = TimeSpan.FromMilliseconds((milliseconds + count - 1) / count);
    }

    /// <summary>How many are earned in a period.</summary>
    public int Count { get; }

    /// <summary>The period.</summary>
    public TimeSpan Period { get; }

    /// <summary>How many may be used at once.</summary>
    public int Burst { get; }

    /// <summary>The time in which one is earned.</summary>
    public TimeSpan Interval { get; }

    /// <summary>The greatest TAT with which one more is let through at this time.</summary>
    public DateTimeOffset LatestAt(DateTimeOffset now) => Whole(now) + ((Burst - 1) * Interval);

    /// <summary>The TAT after one more use at this time; null if it is refused.</summary>
    /// <param name="tat">The TAT so far; null if nothing was used yet.</param>
    /// <param name="now">Now.</param>
    public DateTimeOffset? Use(DateTimeOffset? tat, DateTimeOffset now)
    {
        var at = Whole(now);
        if (tat > LatestAt(now))
            return null;
        return (tat > at ? tat.Value : at) + Interval;
    }

    /// <summary>
    /// A TAT that was counted with another interval, as this rate would have counted the same uses: so a limit that is raised has
    /// room at once.
    /// </summary>
    public DateTimeOffset Converted(DateTimeOffset tat, TimeSpan interval, DateTimeOffset now)
    {
        var at = Whole(now);
        return interval == Interval || tat <= at ? tat : at + (Uses(tat - at, interval) * Interval);
    }

    /// <summary>When one more would be let through, if nothing is used until then.</summary>
    public DateTimeOffset NextAt(DateTimeOffset tat) => tat - ((Burst - 1) * Interval);

    /// <summary>How many of <see cref="Burst"/> are used up at this time.</summary>
    public long UsedAt(DateTimeOffset? tat, DateTimeOffset now)
    {
        var ahead = tat is { } t ? t - Whole(now) : TimeSpan.Zero;
        return ahead <= TimeSpan.Zero ? 0 : Uses(ahead, Interval);
    }

    private static long Uses(TimeSpan ahead, TimeSpan interval) => ((ahead.Ticks - 1) / interval.Ticks) + 1;

    private static DateTimeOffset Whole(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
