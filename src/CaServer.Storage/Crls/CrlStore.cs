using System.Buffers;
using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>The present revocation lists of each issuer's shards, and what the next ones are made from.</summary>
public sealed class CrlStore(Database database)
{
    // With serial number, UTCTime and reason 49.
    private const int OctetsPerEntry = 50;
    private const int LongestList = 1 << 29;

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

    /// <summary>
    /// The CRL entries of a shard for certificates that end at this time or later, DER, one after the other, with how many
    /// revocations the shard has had at least when they were read.
    /// </summary>
    public Task<CrlEntries> EntriesAsync(string issuer, int shard, DateTimeOffset endingFrom, CancellationToken ct) =>
        database.ReadAsync(
            async session =>
            {
                // Read before the entries: a revocation that comes in between is listed, and makes a list due once more.
                var revocations = await session.FindAsync<long>(
                    "SELECT revocations FROM crl_shards WHERE issuer = @Issuer AND shard = @Shard", new { Issuer = issuer, Shard = (long)shard });
                // Of the right size from the start: growing would copy a long list and keep half of it for nothing.
                var octets = new ArrayBufferWriter<byte>((int)Math.Clamp(revocations * OctetsPerEntry, 256, LongestList));
                var count = 0;
                await foreach (var entry in session.StreamAsync<byte[]>(
                    "SELECT crl_entry FROM revocations WHERE issuer = @Issuer AND shard = @Shard AND not_after >= @EndingFrom ORDER BY not_after",
                    new { Issuer = issuer, Shard = (long)shard, EndingFrom = endingFrom }))
                {
                    octets.Write(entry);
                    count++;
                }
                return new CrlEntries(octets.WrittenMemory, count, revocations);
            },
            ct);

    /// <summary>
    /// Replaces the list of a shard. False and nothing is changed unless its number is higher than that of the list stored
    /// (RFC 5280 §5.2.3: numbers strictly rise), so that of two publishers the later number stays.
    /// </summary>
    /// <param name="crl">The list.</param>
    /// <param name="revocations">What <see cref="CrlEntries.Revocations"/> said of what it was made from.</param>
    /// <param name="ct">Cancels before the transaction has begun.</param>
    public Task<bool> StoreAsync(StoredCrl crl, long revocations, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                if (!await ReplaceAsync(session, crl))
                    return false;
                await session.ExecuteAsync(
                    "UPDATE crl_shards SET listed = @Listed WHERE issuer = @Issuer AND shard = @Shard AND listed < @Listed",
                    new { Listed = revocations, crl.Issuer, Shard = (long)crl.Shard });
                return true;
            },
            ct);

    /// <summary>Replaces a list that was signed in a ceremony, with the ceremony's log leaf; false and nothing is changed unless its number is higher.</summary>
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

    /// <summary>The present list of a shard.</summary>
    public async Task<StoredCrl?> FindAsync(string issuer, int shard, CancellationToken ct) =>
        (await database.ReadAsync(
            session => session.FindAsync<CrlRow>(
                """
                SELECT issuer AS Issuer, shard AS Shard, number AS Number, this_update AS ThisUpdate, next_update AS NextUpdate, der AS Der
                FROM crls WHERE issuer = @Issuer AND shard = @Shard
                """,
                new { Issuer = issuer, Shard = (long)shard }),
            ct))?.ToCrl();

    /// <summary>The numbers of all present lists.</summary>
    public async Task<IReadOnlyList<CrlNumber>> NumbersAsync(CancellationToken ct) =>
        await database.ReadAsync(
            session => session.ListAsync<CrlNumber>("SELECT issuer AS Issuer, shard AS Shard, number AS Number FROM crls ORDER BY issuer, shard"), ct);

    /// <summary>Counts a revocation, so that a list is due however the process ends.</summary>
    internal static Task CountRevocationAsync(DbSession session, IssuanceId issuance, int shard) =>
        session.ExecuteAsync(
            """
            INSERT INTO crl_shards (issuer, shard, revocations, listed)
            SELECT issuer, @Shard, 1, 0 FROM issuances WHERE id = @Issuance
            ON CONFLICT (issuer, shard) DO UPDATE SET revocations = crl_shards.revocations + 1
            """,
            new { Issuance = issuance, Shard = (long)shard });

    /// <summary>Replaces a list within a transaction.</summary>
    internal static Task<bool> ReplaceAsync(DbSession session, StoredCrl crl) => session.SwapAsync(
        """
        INSERT INTO crls (issuer, shard, number, this_update, next_update, der)
        VALUES (@Issuer, @Shard, @Number, @ThisUpdate, @NextUpdate, @Der)
        ON CONFLICT (issuer, shard) DO UPDATE
        SET number = excluded.number, this_update = excluded.this_update, next_update = excluded.next_update, der = excluded.der
        WHERE excluded.number > crls.number
        """,
        new { crl.Issuer, Shard = (long)crl.Shard, crl.Number, crl.ThisUpdate, crl.NextUpdate, crl.Der });

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

        public required byte[] Der { get; init; }

        public StoredCrl ToCrl() =>
            new() { Issuer = Issuer, Shard = (int)Shard, Number = Number, ThisUpdate = ThisUpdate, NextUpdate = NextUpdate, Der = Der };
    }
}

/// <summary>The entries of a CRL shard.</summary>
/// <param name="Octets">The entries, DER, one after the other.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Revocations">How many revocations the shard has had at least.</param>
public sealed record CrlEntries(ReadOnlyMemory<byte> Octets, int Count, long Revocations);
