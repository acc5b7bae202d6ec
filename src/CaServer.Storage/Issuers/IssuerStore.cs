namespace CaServer.Storage;

/// <summary>The certificates of our certification authorities and their present revocation lists.</summary>
public sealed class IssuerStore(Database database)
{
    /// <summary>Stores an issuer; false if there is one of that name, which then stays as it is.</summary>
    public Task<bool> AddAsync(Issuer issuer, CancellationToken ct) =>
        database.WriteAsync(session => AddAsync(session, issuer), ct);

    /// <summary>
    /// Stores what a root ceremony made, all of it or nothing. False and nothing is changed if there is any issuer already: a
    /// server has one root.
    /// </summary>
    /// <param name="root">The root.</param>
    /// <param name="issuing">The issuing CA below it.</param>
    /// <param name="rootCrl">The root's first list.</param>
    /// <param name="leaves">The ceremony's log leaves, in order.</param>
    /// <param name="ct">Cancels before the transaction has begun.</param>
    public Task<bool> AddHierarchyAsync(Issuer root, Issuer issuing, StoredCrl rootCrl, IReadOnlyList<LogLeaf> leaves, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                if (await session.FindAsync<long>("SELECT COUNT(*) FROM issuers") != 0)
                    return false;
                await AddAsync(session, root);
                await AddAsync(session, issuing);
                await StoreCrlAsync(session, rootCrl);
                foreach (var leaf in leaves)
                    await LogStore.AppendAsync(session, leaf);
                return true;
            },
            ct);

    /// <summary>The issuer of this name.</summary>
    public Task<Issuer?> FindAsync(string name, CancellationToken ct) =>
        database.ReadAsync(
            session => session.FindAsync<Issuer>(
                "SELECT name AS Name, role AS Role, certificate AS Certificate, created_at AS CreatedAt FROM issuers WHERE name = @Name",
                new { Name = name }),
            ct);

    /// <summary>All issuers, oldest first.</summary>
    public async Task<IReadOnlyList<Issuer>> ListAsync(CancellationToken ct) =>
        await database.ReadAsync(
            session => session.ListAsync<Issuer>(
                "SELECT name AS Name, role AS Role, certificate AS Certificate, created_at AS CreatedAt FROM issuers ORDER BY created_at, name"),
            ct);

    /// <summary>
    /// Replaces the list of a shard. False and nothing is changed unless its number is higher than that of the list stored
    /// (RFC 5280 §5.2.3: numbers strictly rise), so that of two publishers the later number stays.
    /// </summary>
    public Task<bool> StoreCrlAsync(StoredCrl crl, CancellationToken ct) =>
        database.WriteAsync(session => StoreCrlAsync(session, crl), ct);

    /// <summary>The present list of a shard.</summary>
    public async Task<StoredCrl?> FindCrlAsync(string issuer, int shard, CancellationToken ct) =>
        (await database.ReadAsync(
            session => session.FindAsync<CrlRow>(
                """
                SELECT issuer AS Issuer, shard AS Shard, number AS Number, this_update AS ThisUpdate, next_update AS NextUpdate, der AS Der
                FROM crls WHERE issuer = @Issuer AND shard = @Shard
                """,
                new { Issuer = issuer, Shard = (long)shard }),
            ct))?.ToCrl();

    private static Task<bool> AddAsync(DbSession session, Issuer issuer) => session.SwapAsync(
        """
        INSERT INTO issuers (name, role, certificate, created_at) VALUES (@Name, @Role, @Certificate, @CreatedAt)
        ON CONFLICT (name) DO NOTHING
        """,
        new { issuer.Name, issuer.Role, issuer.Certificate, issuer.CreatedAt });

    private static Task<bool> StoreCrlAsync(DbSession session, StoredCrl crl) => session.SwapAsync(
        """
        INSERT INTO crls (issuer, shard, number, this_update, next_update, der)
        VALUES (@Issuer, @Shard, @Number, @ThisUpdate, @NextUpdate, @Der)
        ON CONFLICT (issuer, shard) DO UPDATE
        SET number = excluded.number, this_update = excluded.this_update, next_update = excluded.next_update, der = excluded.der
        WHERE excluded.number > crls.number
        """,
        new { crl.Issuer, Shard = (long)crl.Shard, crl.Number, crl.ThisUpdate, crl.NextUpdate, crl.Der });

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
