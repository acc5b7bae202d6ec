namespace CaServer.Storage;

/// <summary>The certificates of our certification authorities and their present revocation lists.</summary>
public sealed class IssuerStore(Database database)
{
    /// <summary>Stores an issuer; false if there is one of that name, which then stays as it is.</summary>
    public Task<bool> AddAsync(Issuer issuer, CancellationToken ct) =>
        database.WriteAsync(
            session => session.SwapAsync(
                """
                INSERT INTO issuers (name, role, certificate, created_at) VALUES (@Name, @Role, @Certificate, @CreatedAt)
                ON CONFLICT (name) DO NOTHING
                """,
                new { issuer.Name, issuer.Role, issuer.Certificate, issuer.CreatedAt }),
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
        database.WriteAsync(
            session => session.SwapAsync(
                """
                INSERT INTO crls (issuer, shard, number, this_update, next_update, der)
                VALUES (@Issuer, @Shard, @Number, @ThisUpdate, @NextUpdate, @Der)
                ON CONFLICT (issuer, shard) DO UPDATE
                SET number = excluded.number, this_update = excluded.this_update, next_update = excluded.next_update, der = excluded.der
                WHERE excluded.number > crls.number
                """,
                new { crl.Issuer, Shard = (long)crl.Shard, crl.Number, crl.ThisUpdate, crl.NextUpdate, crl.Der }),
            ct);

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
