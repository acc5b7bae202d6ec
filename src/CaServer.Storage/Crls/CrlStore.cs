using System.Security.Cryptography;
using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>The present revocation lists of each issuer's shards, and what the next ones are made from.</summary>
public sealed class CrlStore(Database database)
{
    // Small enough for the young objects' heap, or the pieces of some lists would lie about until the next full collection.
    private const int PieceLength = 1 << 16;

    // A megabyte: others' writes do not wait long for it.
    private const int PiecesAtOnce = 16;

    /// <summary>Makes the shards 0 to count - 1 known, each with a list to be made. Those known already stay, also those above.</summary>
    public Task<int> EnsureShardsAsync(string issuer, int count, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                for (var shard = 0; shard < count; shard++)
                {
                    await session.ExecuteAsync(
                        "INSERT INTO crl_shards (issuer, shard, revocations, listed) VALUES (@Issuer, @Shard, 0, 0) ON CONFLICT (issuer, shard) DO NOTHING",
                        new { Issuer = issuer, Shard = (long)shard });
                }
                return count;
            },
            ct);

    /// <summary>All shards of an issuer that certificates may name, in order.</summary>
    public async Task<IReadOnlyList<CrlShardState>> ShardsAsync(string issuer, CancellationToken ct)
    {
        var rows = await database.ReadAsync(
            session => session.ListAsync<ShardRow>(
                """
                SELECT s.shard AS Shard, s.revocations AS Revocations, s.listed AS Listed, c.number AS Number, c.this_update AS ThisUpdate
                FROM crl_shards s LEFT JOIN crls c ON c.issuer = s.issuer AND c.shard = s.shard
                WHERE s.issuer = @Issuer ORDER BY s.shard
                """,
                new { Issuer = issuer }),
            ct);
        return [.. rows.Select(r => r.ToState())];
    }

    /// <summary>How many octets the CRL entries of a range have.</summary>
    public Task<long> EntriesLengthAsync(CrlRange range, CancellationToken ct) =>
        database.ReadAsync(
            session => session.FindAsync<long>($"SELECT CAST(COALESCE(SUM(LENGTH(crl_entry)), 0) AS BIGINT) {InRange(range)}", range), ct);

    /// <summary>Gives the CRL entries of a range, DER, one after the other. What a range has does not change.</summary>
    public Task ReadEntriesAsync(CrlRange range, Action<byte[]> take, CancellationToken ct) =>
        database.ReadAsync(
            async session =>
            {
                await foreach (var entry in session.StreamAsync<byte[]>($"SELECT crl_entry {InRange(range)} ORDER BY not_after", range))
                    take(entry);
                return true;
            },
            ct);

    /// <summary>
    /// Replaces the list of a shard. False and nothing is changed unless its number is higher than that of the list stored
    /// (RFC 5280 §5.2.3: numbers strictly rise), so that of two publishers the later number stays.
    /// </summary>
    /// <param name="crl">The list.</param>
    /// <param name="delta">Its delta; null for none, and for no more.</param>
    /// <param name="isBase">Whether deltas may be made to it later.</param>
    /// <param name="ct">Cancels before the list is replaced.</param>
    public async Task<bool> StoreAsync(StoredCrl crl, StoredDelta? delta, bool isBase, CancellationToken ct)
    {
        // Each in a transaction of its own: no revocation waits until some fifty megabytes are written.
        var list = NewList();
        for (var piece = 0; piece * (long)PieceLength < crl.Der.Length; piece += PiecesAtOnce)
        {
            var first = piece;
            await database.WriteAsync(session => AddPiecesAsync(session, crl, list, first), ct);
        }
        var isStored = await database.WriteAsync(
            async session =>
            {
                if (!await SwapAsync(session, crl, list))
                    return false;
                await session.ExecuteAsync(
                    "UPDATE crl_shards SET listed = @Listed WHERE issuer = @Issuer AND shard = @Shard AND listed < @Listed",
                    new { crl.Listed, crl.Issuer, Shard = (long)crl.Shard });
                await ReplaceDeltaAsync(session, crl, delta);
                if (isBase)
                {
                    await session.ExecuteAsync(
                        "INSERT INTO crl_bases (issuer, shard, number, listed, this_update) VALUES (@Issuer, @Shard, @Number, @Listed, @ThisUpdate)",
                        new { crl.Issuer, Shard = (long)crl.Shard, crl.Number, crl.Listed, crl.ThisUpdate });
                }
                return true;
            },
            ct);
        await DeleteOldPiecesAsync(crl, ct);
        return isStored;
    }

    /// <summary>Replaces a short list that was signed in a ceremony, with the ceremony's log leaf; false and nothing is changed unless its number is higher.</summary>
    public Task<bool> StoreAsync(StoredCrl crl, LogLeaf leaf, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                if (!await ReplaceAsync(session, crl))
                    return false;
                await LogStore.AppendAsync(session, leaf);
                return true;
            },
            ct);

    /// <summary>The oldest complete list since a time that a delta may be made to; those before are forgotten.</summary>
    public Task<CrlBase?> FindBaseAsync(string issuer, int shard, DateTimeOffset since, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                var arguments = new { Issuer = issuer, Shard = (long)shard, Since = since };
                await session.ExecuteAsync("DELETE FROM crl_bases WHERE issuer = @Issuer AND shard = @Shard AND this_update < @Since", arguments);
                return await session.FindAsync<CrlBase>(
                    "SELECT number AS Number, listed AS Listed FROM crl_bases WHERE issuer = @Issuer AND shard = @Shard ORDER BY number LIMIT 1", arguments);
            },
            ct);

    /// <summary>The present list of a shard; null if there is none, or another became the present one while it was read.</summary>
    public Task<StoredCrl?> FindAsync(string issuer, int shard, CancellationToken ct) =>
        database.ReadAsync(
            async session =>
            {
                var row = await session.FindAsync<CrlRow>(
                    """
                    SELECT issuer AS Issuer, shard AS Shard, number AS Number, this_update AS ThisUpdate, next_update AS NextUpdate, length AS Length, list AS List
                    FROM crls WHERE issuer = @Issuer AND shard = @Shard
                    """,
                    new { Issuer = issuer, Shard = (long)shard });
                if (row is null)
                    return null;
                var der = new byte[row.Length];
                var end = 0;
                await foreach (var octets in session.StreamAsync<byte[]>(
                    "SELECT octets FROM crl_pieces WHERE issuer = @Issuer AND shard = @Shard AND list = @List ORDER BY piece",
                    new { row.Issuer, row.Shard, row.List }))
                {
                    octets.CopyTo(der.AsSpan(end));
                    end += octets.Length;
                }
                return end == der.Length ? row.ToCrl(der) : null;
            },
            ct);

    /// <summary>The present delta of a shard; null if there is none.</summary>
    public async Task<StoredCrl?> FindDeltaAsync(string issuer, int shard, CancellationToken ct) =>
        (await database.ReadAsync(
            session => session.FindAsync<DeltaRow>(
                """
                SELECT issuer AS Issuer, shard AS Shard, number AS Number, this_update AS ThisUpdate, next_update AS NextUpdate, der AS Der
                FROM crl_deltas WHERE issuer = @Issuer AND shard = @Shard
                """,
                new { Issuer = issuer, Shard = (long)shard }),
            ct))?.ToCrl();

    /// <summary>The numbers of all present lists.</summary>
    public async Task<IReadOnlyList<CrlNumber>> NumbersAsync(CancellationToken ct) =>
        await database.ReadAsync(
            session => session.ListAsync<CrlNumber>(
                """
                SELECT c.issuer AS Issuer, c.shard AS Shard, c.number AS Number, CASE WHEN d.number = c.number THEN 1 ELSE 0 END AS HasDelta
                FROM crls c LEFT JOIN crl_deltas d ON d.issuer = c.issuer AND d.shard = c.shard ORDER BY c.issuer, c.shard
                """),
            ct);

    /// <summary>
    /// Counts a revocation, so that a list is due however the process ends. Whoever counts has the shard until the commit, so the
    /// positions are in the order of the commits.
    /// </summary>
    internal static async Task CountRevocationAsync(DbSession session, IssuanceId issuance, int shard)
    {
        var position = await session.FindAsync<long>(
            """
            INSERT INTO crl_shards (issuer, shard, revocations, listed)
            SELECT issuer, @Shard, 1, 0 FROM issuances WHERE id = @Issuance
            ON CONFLICT (issuer, shard) DO UPDATE SET revocations = crl_shards.revocations + 1
            RETURNING revocations
            """,
            new { Issuance = issuance, Shard = (long)shard });
        await session.ExecuteAsync(
            "UPDATE revocations SET shard_position = @Position WHERE issuance_id = @Issuance", new { Position = position, Issuance = issuance });
    }

    /// <summary>Replaces a short list within a transaction.</summary>
    internal static async Task<bool> ReplaceAsync(DbSession session, StoredCrl crl)
    {
        var list = NewList();
        if (!await SwapAsync(session, crl, list))
            return false;
        await session.ExecuteAsync("DELETE FROM crl_pieces WHERE issuer = @Issuer AND shard = @Shard", new { crl.Issuer, Shard = (long)crl.Shard });
        for (var piece = 0; piece * (long)PieceLength < crl.Der.Length; piece += PiecesAtOnce)
            await AddPiecesAsync(session, crl, list, piece);
        return true;
    }

    private static string InRange(CrlRange range) =>
        // A delta's few are found by their position, a complete list's by what may have ended.
        range.After > 0
            ? "FROM revocations WHERE issuer = @Issuer AND shard = @Shard AND shard_position > @After AND shard_position <= @UpTo AND not_after >= @EndingFrom"
            : "FROM revocations WHERE issuer = @Issuer AND shard = @Shard AND not_after >= @EndingFrom AND shard_position <= @UpTo";

    private static long NewList() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    private static Task<bool> SwapAsync(DbSession session, StoredCrl crl, long list) => session.SwapAsync(
        """
        INSERT INTO crls (issuer, shard, number, this_update, next_update, length, list)
        VALUES (@Issuer, @Shard, @Number, @ThisUpdate, @NextUpdate, @Length, @List)
        ON CONFLICT (issuer, shard) DO UPDATE
        SET number = excluded.number, this_update = excluded.this_update, next_update = excluded.next_update,
            length = excluded.length, list = excluded.list
        WHERE excluded.number > crls.number
        """,
        new { crl.Issuer, Shard = (long)crl.Shard, crl.Number, crl.ThisUpdate, crl.NextUpdate, Length = (long)crl.Der.Length, List = list });

    private static async Task<int> AddPiecesAsync(DbSession session, StoredCrl crl, long list, int first)
    {
        var piece = first;
        for (; piece < first + PiecesAtOnce && piece * PieceLength < crl.Der.Length; piece++)
            await AddPieceAsync(session, crl, list, piece);
        return piece - first;
    }

    private static Task<int> AddPieceAsync(DbSession session, StoredCrl crl, long list, int piece)
    {
        var octets = crl.Der[(piece * PieceLength)..];
        return session.ExecuteAsync(
            "INSERT INTO crl_pieces (issuer, shard, list, piece, number, octets) VALUES (@Issuer, @Shard, @List, @Piece, @Number, @Octets)",
            new
            {
                crl.Issuer,
                Shard = (long)crl.Shard,
                List = list,
                Piece = (long)piece,
                crl.Number,
                Octets = octets[..Math.Min(octets.Length, PieceLength)].ToArray(),
            });
    }

    private static Task<int> ReplaceDeltaAsync(DbSession session, StoredCrl crl, StoredDelta? delta) =>
        delta is null
            ? session.ExecuteAsync("DELETE FROM crl_deltas WHERE issuer = @Issuer AND shard = @Shard", new { crl.Issuer, Shard = (long)crl.Shard })
            : session.ExecuteAsync(
                """
                INSERT INTO crl_deltas (issuer, shard, number, base, this_update, next_update, der)
                VALUES (@Issuer, @Shard, @Number, @Base, @ThisUpdate, @NextUpdate, @Der)
                ON CONFLICT (issuer, shard) DO UPDATE
                SET number = excluded.number, base = excluded.base, this_update = excluded.this_update, next_update = excluded.next_update, der = excluded.der
                """,
                new { crl.Issuer, Shard = (long)crl.Shard, crl.Number, delta.Base, crl.ThisUpdate, crl.NextUpdate, Der = delta.Der.ToArray() });

    // Those of lists that were the present one, that lost against another publisher's, or whose process ended; not those of a list that
    // another is writing now, whose number is higher.
    private async Task DeleteOldPiecesAsync(StoredCrl crl, CancellationToken ct)
    {
        while (await database.WriteAsync(
            session => session.ExecuteAsync(
                """
                DELETE FROM crl_pieces WHERE issuer = @Issuer AND shard = @Shard AND (list, piece) IN (
                    SELECT p.list, p.piece FROM crl_pieces p JOIN crls c ON c.issuer = p.issuer AND c.shard = p.shard
                    WHERE p.issuer = @Issuer AND p.shard = @Shard AND p.number <= c.number AND p.list <> c.list LIMIT 64)
                """,
                new { crl.Issuer, Shard = (long)crl.Shard }),
            ct) > 0)
        {
        }
    }

    private sealed record ShardRow
    {
        public required long Shard { get; init; }

        public required long Revocations { get; init; }

        public required long Listed { get; init; }

        public long? Number { get; init; }

        public DateTimeOffset? ThisUpdate { get; init; }

        public CrlShardState ToState() =>
            new() { Shard = (int)Shard, Revocations = Revocations, Listed = Listed, Number = Number, ThisUpdate = ThisUpdate };
    }

    private sealed record CrlRow
    {
        public required string Issuer { get; init; }

        public required long Shard { get; init; }

        public required long Number { get; init; }

        public required DateTimeOffset ThisUpdate { get; init; }

        public required DateTimeOffset NextUpdate { get; init; }

        public required long Length { get; init; }

        public required long List { get; init; }

        public StoredCrl ToCrl(byte[] der) =>
            new() { Issuer = Issuer, Shard = (int)Shard, Number = Number, ThisUpdate = ThisUpdate, NextUpdate = NextUpdate, Der = der };
    }

    private sealed record DeltaRow
    {
        public required string Issuer { get; init; }

        public required long Shard { get; init; }

        public required long Number { get; init; }

        public required DateTimeOffset ThisUpdate { get; init; }

        public required DateTimeOffset NextUpdate { get; init; }

        public required byte[] Der { get; init; }

        public StoredCrl ToCrl() =>
            new() { Issuer = Issuer, Shard = (int)Shard, Number = Number, ThisUpdate = ThisUpdate, NextUpdate = NextUpdate, Der = Der };
    }
}
