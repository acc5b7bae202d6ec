namespace CaServer.Storage;

/// <summary>The append-only log of what the CA did. Nothing is ever changed or deleted in it.</summary>
public sealed class LogStore(Database database)
{
    /// <summary>Most entries that one read returns.</summary>
    public const int LargestRead = 1024;

    /// <summary>Number of entries.</summary>
    public Task<long> CountAsync(CancellationToken ct) =>
        database.ReadAsync(session => session.FindAsync<long>("SELECT next FROM log_head WHERE id = 1"), ct);

    /// <summary>Entries from a place on, at most <paramref name="count"/> and never more than <see cref="LargestRead"/>.</summary>
    public async Task<IReadOnlyList<StoredLogLeaf>> ReadAsync(long from, int count, CancellationToken ct) =>
        await database.ReadAsync(
            session => session.ListAsync<StoredLogLeaf>(
                """
                SELECT sequence AS Sequence, kind AS Kind, at AS At, body AS Body FROM log_leaves
                WHERE sequence >= @From ORDER BY sequence LIMIT @Count
                """,
                new { From = from, Count = Math.Clamp(count, 0, LargestRead) }),
            ct);

    /// <summary>Appends an entry that goes with no other change; its place.</summary>
    public Task<long> AppendAsync(LogLeaf leaf, CancellationToken ct) => database.WriteAsync(session => AppendAsync(session, leaf), ct);

    /// <summary>Appends within a transaction; last in it, since on PostgreSQL it makes other appenders wait until the commit.</summary>
    internal static async Task<long> AppendAsync(DbSession session, LogLeaf leaf)
    {
        var sequence = await session.FindAsync<long>("UPDATE log_head SET next = next + 1 WHERE id = 1 RETURNING next - 1");
        await session.ExecuteAsync(
            "INSERT INTO log_leaves (sequence, kind, at, body) VALUES (@Sequence, @Kind, @At, @Body)",
            new { Sequence = sequence, leaf.Kind, leaf.At, leaf.Body });
        return sequence;
    }
}
