using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>
/// Counts uses of limits within the transaction of what uses them: if that fails, nothing was used. Using is one conditional
/// statement, so of several that want the last place one gets it, also on PostgreSQL, which looks at the condition again after it
/// has waited for the row.
/// </summary>
internal static class LimitCounting
{
    /// <summary>Uses each once.</summary>
    /// <exception cref="AcmeException">rateLimited: one has no room; the transaction must be given up.</exception>
    public static async Task UseAsync(DbSession session, IReadOnlyList<LimitUse> uses, DateTimeOffset now)
    {
        // Always in the same order, so that two transactions do not wait for each other.
        IEnumerable<LimitUse> ordered = uses.Count < 2 ? uses : uses.OrderBy(u => u.Limit).ThenBy(u => u.Key, StringComparer.Ordinal);
        foreach (var use in ordered)
        {
            if (!await TryUseAsync(session, use, now))
            {
                var state = await session.FindAsync<StateRow>(
                    "SELECT limit_name AS LimitName, key AS Key, tat AS Tat, step AS Step FROM limit_states WHERE limit_name = @Limit AND key = @Key",
                    new { Limit = WireName.Of(use.Limit), use.Key });
                throw RateLimited.By(use, state?.TatFor(use.Rate, now) ?? now, now);
            }
        }
    }

    /// <summary>
    /// Uses one if there is room; false if there is none, which then stays so no longer than before. The statement is
    /// <see cref="RateLimit.Converted"/> and <see cref="RateLimit.Use"/>.
    /// </summary>
    public static Task<bool> TryUseAsync(DbSession session, LimitUse use, DateTimeOffset now) =>
        session.SwapAsync(
            """
            INSERT INTO limit_states (limit_name, key, tat, step) VALUES (@Limit, @Key, @First, @Step)
            ON CONFLICT (limit_name, key) DO UPDATE
            SET step = excluded.step, tat = CASE
                WHEN limit_states.tat <= @Now THEN excluded.tat
                WHEN limit_states.step = excluded.step THEN limit_states.tat + excluded.step
                ELSE excluded.tat + (limit_states.tat - @Now + limit_states.step - 1) / limit_states.step * excluded.step END
            WHERE CASE
                WHEN limit_states.tat <= @Now OR limit_states.step = excluded.step THEN limit_states.tat
                ELSE @Now + (limit_states.tat - @Now + limit_states.step - 1) / limit_states.step * excluded.step END <= @Latest
            """,
            new
            {
                Limit = WireName.Of(use.Limit),
                use.Key,
                First = now + use.Rate.Interval,
                Now = now,
                Step = (long)use.Rate.Interval.TotalMilliseconds,
                Latest = use.Rate.LatestAt(now),
            });

    /// <summary>Looks whether each has room, and uses none.</summary>
    /// <exception cref="AcmeException">rateLimited: one has no room.</exception>
    public static async Task RequireRoomAsync(DbSession session, IReadOnlyList<LimitUse> uses, DateTimeOffset now)
    {
        for (var i = 0; i < uses.Count; i += Together)
        {
            // Few statements, whatever the number: the rest is filled with the last one again.
            LimitUse At(int n) => uses[Math.Min(i + n, uses.Count - 1)];
            var (a, b, c, d) = (At(0), At(1), At(2), At(3));
            var rows = await session.ListAsync<StateRow>(
                """
                SELECT limit_name AS LimitName, key AS Key, tat AS Tat, step AS Step FROM limit_states
                WHERE (limit_name = @L0 AND key = @K0) OR (limit_name = @L1 AND key = @K1)
                   OR (limit_name = @L2 AND key = @K2) OR (limit_name = @L3 AND key = @K3)
                """,
                new
                {
                    L0 = WireName.Of(a.Limit),
                    K0 = a.Key,
                    L1 = WireName.Of(b.Limit),
                    K1 = b.Key,
                    L2 = WireName.Of(c.Limit),
                    K2 = c.Key,
                    L3 = WireName.Of(d.Limit),
                    K3 = d.Key,
                });
            foreach (var row in rows)
            {
                var use = uses.Skip(i).Take(Together).First(u => u.Key == row.Key && WireName.Of(u.Limit) == row.LimitName);
                if (row.TatFor(use.Rate, now) is var tat && tat > use.Rate.LatestAt(now))
                    throw RateLimited.By(use, tat, now);
            }
        }
    }

    /// <summary>Looks whether the account has too many authorizations pending, with those that this transaction has made.</summary>
    /// <exception cref="AcmeException">rateLimited: it has; the transaction must be given up.</exception>
    public static async Task RequirePendingRoomAsync(DbSession session, AccountId account, long max, DateTimeOffset now)
    {
        var pending = (await session.FindAsync<PendingRow>(
            """
            SELECT COUNT(*) AS Count, MIN(expires) AS FirstEnds FROM (
                SELECT expires FROM authorizations WHERE account_id = @Account AND status = 'pending' AND expires > @Now
                ORDER BY expires LIMIT @Max) pending
            """,
            new { Account = account, Now = now, Max = max + 1 }))!;
        if (pending.Count > max)
            throw RateLimited.ByPending(max, pending.FirstEnds ?? now, now);
    }

    private const int Together = 4;

    private sealed record StateRow
    {
        public required string LimitName { get; init; }

        public required string Key { get; init; }

        public required DateTimeOffset Tat { get; init; }

        public required long Step { get; init; }

        public DateTimeOffset TatFor(RateLimit rate, DateTimeOffset now) => rate.Converted(Tat, TimeSpan.FromMilliseconds(Step), now);
    }

    private sealed record PendingRow
    {
        public required long Count { get; init; }

        public DateTimeOffset? FirstEnds { get; init; }
    }
}
