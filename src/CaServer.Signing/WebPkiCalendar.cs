namespace CaServer.Signing;

/// <summary>What the Baseline Requirements demand of domain control from a day on, as one row of a calendar.</summary>
/// <param name="From">First instant at which it holds, UTC.</param>
/// <param name="Remotes">Remote perspectives that must take part in a check (BR §3.2.2.9).</param>
/// <param name="Registries">Registry regions in which those that agree must stand (BR §3.2.2.9).</param>
/// <param name="ReuseDays">Days for which a proof of control may be relied on (BR §4.2.1).</param>
internal readonly record struct WebPkiCalendar(DateTimeOffset From, int Remotes, int Registries, int ReuseDays)
{
    // BR §3.2.2.8: within the record's TTL or eight hours, whichever is longer; statements do not carry the TTL, so eight hours.
    internal static readonly TimeSpan MaxCaaAge = TimeSpan.FromHours(8);

    private static readonly WebPkiCalendar[] s_newestFirst =
    [
        new(Day(2029, 3, 15), 5, 2, 10),
        new(Day(2027, 3, 15), 5, 2, 100),
        new(Day(2026, 12, 15), 5, 2, 200),
        new(Day(2026, 6, 15), 4, 2, 200),
        new(Day(2026, 3, 15), 3, 2, 200),
        new(Day(2025, 9, 15), 2, 1, 398),
    ];

    /// <summary>The row in force; before the first one, the first one.</summary>
    internal static WebPkiCalendar At(DateTimeOffset time)
    {
        foreach (var row in s_newestFirst)
        {
            if (row.From <= time)
                return row;
        }
        return s_newestFirst[^1];
    }

    /// <summary>How many of the remote perspectives may fail to agree (BR §3.2.2.9, quorum table).</summary>
    internal static int ToleratedFailures(int remotes) => remotes switch
    {
        < 2 => 0,
        < 6 => 1,
        _ => 2,
    };

    private static DateTimeOffset Day(int year, int month, int day) => new(year, month, day, 0, 0, 0, TimeSpan.Zero);
}
