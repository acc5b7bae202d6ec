using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Renewal windows that the operator moved. A certificate has the window of the newest move that took it.</summary>
public sealed class RenewalStore(Database database)
{
    /// <summary>Makes a move with its first certificates.</summary>
    public Task<RenewalMoveId> CreateAsync(NewRenewalMove move, IReadOnlyList<IssuanceId> certificates, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                var id = await session.FindAsync<RenewalMoveId>(
                    """
                    INSERT INTO renewal_moves (starts_at, ends_at, explanation, note, created_at)
                    VALUES (@Start, @End, @Explanation, @Note, @CreatedAt)
                    RETURNING id
                    """,
                    new { move.Start, move.End, move.Explanation, move.Note, move.CreatedAt });
                await TakeAsync(session, id, certificates);
                return id;
            },
            ct);

    /// <summary>Gives further certificates the window of a move.</summary>
    public Task ExtendAsync(RenewalMoveId id, IReadOnlyList<IssuanceId> certificates, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                await TakeAsync(session, id, certificates);
                return true;
            },
            ct);

    /// <summary>The window that the operator gave a certificate; null for the usual one.</summary>
    public async Task<MovedWindow?> FindAsync(IssuanceId certificate, CancellationToken ct) =>
        await database.ReadAsync(
            session => session.FindAsync<WindowRow>(
                """
                SELECT m.starts_at AS Start, m.ends_at AS "End", m.explanation AS Explanation
                FROM renewal_moved r JOIN renewal_moves m ON m.id = r.move_id
                WHERE r.issuance_id = @Id
                """,
                new { Id = certificate }),
            ct) is { } row
            ? new MovedWindow(row.Start, row.End, row.Explanation)
            : null;

    /// <summary>All moves, newest first.</summary>
    public async Task<IReadOnlyList<RenewalMove>> ListAsync(CancellationToken ct) =>
        await database.ReadAsync(session => session.ListAsync<RenewalMove>(Select + " ORDER BY m.id DESC"), ct);

    /// <summary>One move.</summary>
    public Task<RenewalMove?> FindAsync(RenewalMoveId id, CancellationToken ct) =>
        database.ReadAsync(session => session.FindAsync<RenewalMove>(Select + " WHERE m.id = @Id", new { Id = id }), ct);

    /// <summary>Takes a move back, a bounded number of certificates at a time: true while there may be more.</summary>
    public Task<bool> ClearBatchAsync(RenewalMoveId id, int batch, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                var cleared = await session.ExecuteAsync(
                    "DELETE FROM renewal_moved WHERE issuance_id IN (SELECT issuance_id FROM renewal_moved WHERE move_id = @Id LIMIT @Batch)",
                    new { Id = id, Batch = batch });
                if (cleared >= batch)
                    return true;
                await session.ExecuteAsync("DELETE FROM renewal_moves WHERE id = @Id", new { Id = id });
                return false;
            },
            ct);

    /// <summary>Gives a certificate its usual window back; false if it had that.</summary>
    public Task<bool> ClearAsync(IssuanceId certificate, CancellationToken ct) =>
        database.WriteAsync(session => session.SwapAsync("DELETE FROM renewal_moved WHERE issuance_id = @Id", new { Id = certificate }), ct);

    /// <summary>Forgets the windows of certificates that have ended, and the moves that no certificate has any more; how many rows.</summary>
    internal static async Task<int> DeleteEndedAsync(DbSession session, DateTimeOffset now, TimeSpan keepEmpty, int batch)
    {
        var ended = await session.ExecuteAsync(
            "DELETE FROM renewal_moved WHERE issuance_id IN (SELECT issuance_id FROM renewal_moved WHERE not_after < @Now ORDER BY not_after LIMIT @Batch)",
            new { Now = now, Batch = batch });
        await session.ExecuteAsync(
            """
            DELETE FROM renewal_moves
            WHERE created_at < @Before AND NOT EXISTS (SELECT 1 FROM renewal_moved r WHERE r.move_id = renewal_moves.id)
            """,
            new { Before = now - keepEmpty });
        return ended;
    }

    // The first condition on the status is the one that the index of replacements has.
    private const string Select =
        """
        SELECT m.id AS Id, m.starts_at AS Start, m.ends_at AS "End", m.explanation AS Explanation, m.note AS Note, m.created_at AS CreatedAt,
            (SELECT COUNT(*) FROM renewal_moved r WHERE r.move_id = m.id) AS Certificates,
            (SELECT COUNT(*) FROM renewal_moved r JOIN orders o ON o.replaces_id = r.issuance_id
                WHERE r.move_id = m.id AND o.replaces_id IS NOT NULL AND o.status <> 'invalid' AND o.status = 'valid') AS Replaced
        FROM renewal_moves m
        """;

    private static async Task TakeAsync(DbSession session, RenewalMoveId id, IReadOnlyList<IssuanceId> certificates)
    {
        foreach (var certificate in certificates)
        {
            await session.ExecuteAsync(
                """
                INSERT INTO renewal_moved (issuance_id, move_id, not_after)
                SELECT id, @Move, not_after FROM issuances WHERE id = @Id AND state = 'issued'
                ON CONFLICT (issuance_id) DO UPDATE SET move_id = excluded.move_id
                """,
                new { Id = certificate, Move = id });
        }
    }

    private sealed record WindowRow
    {
        public required DateTimeOffset Start { get; init; }

        public required DateTimeOffset End { get; init; }

        public string? Explanation { get; init; }
    }
}
