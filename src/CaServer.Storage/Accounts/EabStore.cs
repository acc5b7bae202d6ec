using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Keys for external account binding. They are never deleted: accounts refer to them.</summary>
public sealed class EabStore(Database database)
{
    /// <summary>Stores a new key and its log leaf.</summary>
    public Task<EabKey> CreateAsync(NewEabKey key, LogLeaf leaf, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    """
                    INSERT INTO eab_keys (kid, mac_key, created_at, expires_at, max_accounts, accounts, domains, profiles, note)
                    VALUES (@Kid, @SealedMacKey, @CreatedAt, @ExpiresAt, @MaxAccounts, 0, @Domains, @Profiles, @Note)
                    """,
                    new
                    {
                        key.Kid,
                        key.SealedMacKey,
                        key.CreatedAt,
                        key.ExpiresAt,
                        key.MaxAccounts,
                        Domains = key.Domains.Count == 0 ? null : Columns.Of(key.Domains),
                        Profiles = key.Profiles.Count == 0 ? null : Columns.Of(key.Profiles),
                        key.Note,
                    });
                await LogStore.AppendAsync(session, leaf);
                return (await FindAsync(session, key.Kid))!;
            },
            ct);

    /// <summary>The key with this identifier.</summary>
    public Task<EabKey?> FindAsync(string kid, CancellationToken ct) => database.ReadAsync(session => FindAsync(session, kid), ct);

    /// <summary>The key with this row id.</summary>
    public async Task<EabKey?> FindAsync(EabKeyId id, CancellationToken ct) =>
        (await database.ReadAsync(session => session.FindAsync<EabKeyRow>(ById, new { Id = id }), ct))?.ToEabKey();

    /// <summary>All keys, oldest first.</summary>
    public async Task<IReadOnlyList<EabKey>> ListAsync(CancellationToken ct) =>
        [.. (await database.ReadAsync(session => session.ListAsync<EabKeyRow>(All), ct)).Select(row => row.ToEabKey())];

    /// <summary>Takes the key away for good, with the log leaf; false and no leaf if there is none or it was revoked before.</summary>
    public Task<bool> RevokeAsync(string kid, DateTimeOffset now, LogLeaf leaf, CancellationToken ct) =>
        ChangeAsync("UPDATE eab_keys SET revoked_at = @Now WHERE kid = @Kid AND revoked_at IS NULL", new { Kid = kid, Now = now }, leaf, ct);

    /// <summary>
    /// Gives the key another MAC key, with the log leaf; the old one is no good any more. False and no leaf if there is no such key
    /// or it was revoked.
    /// </summary>
    public Task<bool> RotateAsync(string kid, byte[] sealedMacKey, LogLeaf leaf, CancellationToken ct) =>
        ChangeAsync("UPDATE eab_keys SET mac_key = @Key WHERE kid = @Kid AND revoked_at IS NULL", new { Kid = kid, Key = sealedMacKey }, leaf, ct);

    private Task<bool> ChangeAsync(string sql, object arguments, LogLeaf leaf, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                var won = await session.SwapAsync(sql, arguments);
                if (won)
                    await LogStore.AppendAsync(session, leaf);
                return won;
            },
            ct);

    /// <summary>
    /// Counts one more account, if there is room. One conditional update: of several that want the last place, one gets it, on
    /// PostgreSQL too, which looks at the condition again after it has waited for the row.
    /// </summary>
    internal static Task<bool> TakePlaceAsync(DbSession session, EabKeyId id, DateTimeOffset now) =>
        session.SwapAsync(
            """
            UPDATE eab_keys SET accounts = accounts + 1
            WHERE id = @Id AND accounts < max_accounts AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @Now)
            """,
            new { Id = id, Now = now });

    internal static Task<int> GivePlaceBackAsync(DbSession session, EabKeyId id) =>
        session.ExecuteAsync("UPDATE eab_keys SET accounts = accounts - 1 WHERE id = @Id", new { Id = id });

    private static async Task<EabKey?> FindAsync(DbSession session, string kid) =>
        (await session.FindAsync<EabKeyRow>(ByKid, new { Kid = kid }))?.ToEabKey();

    private const string All =
        """
        SELECT id AS Id, kid AS Kid, mac_key AS SealedMacKey, created_at AS CreatedAt, expires_at AS ExpiresAt, revoked_at AS RevokedAt,
               max_accounts AS MaxAccounts, accounts AS Accounts, domains AS Domains, profiles AS Profiles, note AS Note
        FROM eab_keys ORDER BY id
        """;

    private const string ById =
        """
        SELECT id AS Id, kid AS Kid, mac_key AS SealedMacKey, created_at AS CreatedAt, expires_at AS ExpiresAt, revoked_at AS RevokedAt,
               max_accounts AS MaxAccounts, accounts AS Accounts, domains AS Domains, profiles AS Profiles, note AS Note
        FROM eab_keys WHERE id = @Id
        """;

    private const string ByKid =
        """
        SELECT id AS Id, kid AS Kid, mac_key AS SealedMacKey, created_at AS CreatedAt, expires_at AS ExpiresAt, revoked_at AS RevokedAt,
               max_accounts AS MaxAccounts, accounts AS Accounts, domains AS Domains, profiles AS Profiles, note AS Note
        FROM eab_keys WHERE kid = @Kid
        """;

    private sealed record EabKeyRow
    {
        public required EabKeyId Id { get; init; }

        public required string Kid { get; init; }

        public required byte[] SealedMacKey { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset? ExpiresAt { get; init; }

        public DateTimeOffset? RevokedAt { get; init; }

        public required long MaxAccounts { get; init; }

        public required long Accounts { get; init; }

        public string? Domains { get; init; }

        public string? Profiles { get; init; }

        public string? Note { get; init; }

        public EabKey ToEabKey() => new()
        {
            Id = Id,
            Kid = Kid,
            SealedMacKey = SealedMacKey,
            CreatedAt = CreatedAt,
            ExpiresAt = ExpiresAt,
            RevokedAt = RevokedAt,
            MaxAccounts = MaxAccounts,
            Accounts = Accounts,
            Domains = Domains is null ? [] : Columns.Identifiers(Domains),
            Profiles = Profiles is null ? [] : Columns.Strings(Profiles),
            Note = Note,
        };
    }
}
