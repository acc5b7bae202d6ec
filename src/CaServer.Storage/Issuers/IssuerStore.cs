namespace CaServer.Storage;

/// <summary>The certificates of our certification authorities.</summary>
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
                await CrlStore.ReplaceAsync(session, rootCrl);
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

    private static Task<bool> AddAsync(DbSession session, Issuer issuer) => session.SwapAsync(
        """
        INSERT INTO issuers (name, role, certificate, created_at) VALUES (@Name, @Role, @Certificate, @CreatedAt)
        ON CONFLICT (name) DO NOTHING
        """,
        new { issuer.Name, issuer.Role, issuer.Certificate, issuer.CreatedAt });
}
