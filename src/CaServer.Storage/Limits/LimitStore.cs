using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>How much of a limit is used up under one key.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Key">The key.</param>
/// <param name="Tat">Its theoretical arrival time.</param>
/// <param name="Interval">The interval that it was counted with.</param>
public sealed record LimitState(LimitKind Limit, string Key, DateTimeOffset Tat, TimeSpan Interval);

/// <summary>Exceptions from limits, and what is used up, for the operator. The counting itself is part of what is counted.</summary>
public sealed class LimitStore(Database database)
{
    /// <summary>All exceptions, by limit and subject.</summary>
    public async Task<IReadOnlyList<LimitOverride>> OverridesAsync(CancellationToken ct) =>
        [
            .. (await database.ReadAsync(
                session => session.ListAsync<OverrideRow>(
                    """
                    SELECT limit_name AS LimitName, subject AS Subject, count AS Count, period AS Period, burst AS Burst, note AS Note,
                           created_at AS CreatedAt
                    FROM limit_overrides ORDER BY limit_name, subject
                    """),
                ct)).Select(row => row.ToOverride()),
        ];

    /// <summary>Makes an exception, in the place of one for the same subject.</summary>
    public Task SetAsync(LimitOverride exception, CancellationToken ct) =>
        database.WriteAsync(
            session => session.ExecuteAsync(
                """
                INSERT INTO limit_overrides (limit_name, subject, count, period, burst, note, created_at)
                VALUES (@Limit, @Subject, @Count, @Period, @Burst, @Note, @CreatedAt)
                ON CONFLICT (limit_name, subject) DO UPDATE
                SET count = excluded.count, period = excluded.period, burst = excluded.burst, note = excluded.note, created_at = excluded.created_at
                """,
                new
                {
                    Limit = WireName.Of(exception.Limit),
                    Subject = exception.Subject.ToString(),
                    Count = (long?)exception.Count,
                    Period = (long?)exception.Period?.TotalMilliseconds,
                    Burst = (long?)exception.Burst,
                    exception.Note,
                    exception.CreatedAt,
                }),
            ct);

    /// <summary>Takes an exception away; false if there is none.</summary>
    public Task<bool> ClearAsync(LimitKind limit, LimitSubject subject, CancellationToken ct) =>
        database.WriteAsync(
            session => session.SwapAsync(
                "DELETE FROM limit_overrides WHERE limit_name = @Limit AND subject = @Subject",
                new { Limit = WireName.Of(limit), Subject = subject.ToString() }),
            ct);

    /// <summary>What is used up of a limit under a key and under those that begin with it and a blank.</summary>
    public async Task<IReadOnlyList<LimitState>> StatesAsync(LimitKind limit, string key, DateTimeOffset now, CancellationToken ct) =>
        [
            .. (await database.ReadAsync(
                session => session.ListAsync<StateRow>(
                    """
                    SELECT key AS Key, tat AS Tat, step AS Step FROM limit_states
                    WHERE limit_name = @Limit AND tat > @Now AND (key = @Key OR substr(key, 1, CAST(@Length AS INTEGER)) = @Beginning) ORDER BY key LIMIT @Max
                    """,
                    new { Limit = WireName.Of(limit), Key = key, Beginning = key + " ", Length = key.Length + 1, Now = now, Max = LargestRead }),
                ct)).Select(row => new LimitState(limit, row.Key, row.Tat, TimeSpan.FromMilliseconds(row.Step))),
        ];

    /// <summary>The keys of a limit of which most is used up.</summary>
    public async Task<IReadOnlyList<LimitState>> MostUsedAsync(LimitKind limit, DateTimeOffset now, int count, CancellationToken ct) =>
        [
            .. (await database.ReadAsync(
                session => session.ListAsync<StateRow>(
                    "SELECT key AS Key, tat AS Tat, step AS Step FROM limit_states WHERE limit_name = @Limit AND tat > @Now ORDER BY tat DESC, key LIMIT @Max",
                    new { Limit = WireName.Of(limit), Now = now, Max = Math.Min(count, LargestRead) }),
                ct)).Select(row => new LimitState(limit, row.Key, row.Tat, TimeSpan.FromMilliseconds(row.Step))),
        ];

    /// <summary>Forgets what was used up; false if there was nothing.</summary>
    public Task<bool> ResetAsync(LimitKind limit, string key, CancellationToken ct) =>
        database.WriteAsync(
            session => session.SwapAsync("DELETE FROM limit_states WHERE limit_name = @Limit AND key = @Key", new { Limit = WireName.Of(limit), Key = key }), ct);

    private const int LargestRead = 1000;

    private sealed record OverrideRow
    {
        public required string LimitName { get; init; }

        public required string Subject { get; init; }

        public long? Count { get; init; }

        public long? Period { get; init; }

        public long? Burst { get; init; }

        public string? Note { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public LimitOverride ToOverride() => new()
        {
            Limit = WireName.Parse<LimitKind>(LimitName),
            Subject = LimitSubject.TryParse(Subject, out var subject, out var fault) ? subject : throw new FormatException($"The stored subject '{Subject}' {fault}."),
            Count = (int?)Count,
            Period = Period is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
            Burst = (int?)Burst,
            Note = Note,
            CreatedAt = CreatedAt,
        };
    }

    private sealed record StateRow
    {
        public required string Key { get; init; }

        public required DateTimeOffset Tat { get; init; }

        public required long Step { get; init; }
    }
}
