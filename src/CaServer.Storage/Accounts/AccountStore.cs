using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>ACME accounts and the history of their keys.</summary>
public sealed class AccountStore(Database database)
{
    /// <summary>
    /// The account with this key, made if there is none; of several callers with the same key exactly one makes it (RFC 8555
    /// §7.3.1).
    /// </summary>
    /// <exception cref="AcmeException">rateLimited: there is none, and a limit has no room for one.</exception>
    public async Task<(Account Account, bool Created)> FindOrCreateAsync(NewAccount account, CancellationToken ct)
    {
        if (await FindByThumbprintAsync(account.Thumbprint, ct) is { } existing)
            return (existing, false);
        return await database.WriteAsync(session => FindOrCreateAsync(session, account, null), ct);
    }

    /// <summary>
    /// As <see cref="FindOrCreateAsync(NewAccount, CancellationToken)"/>, for an account that a key for external account binding
    /// vouches for: the account, its binding and the key's count are one transaction.
    /// </summary>
    /// <returns>No account if the key has meanwhile been revoked, has run out or has no room for one more.</returns>
    public async Task<(Account? Account, bool Created)> FindOrCreateBoundAsync(NewAccount account, ExternalBinding binding, CancellationToken ct)
    {
        if (await FindByThumbprintAsync(account.Thumbprint, ct) is { } existing)
            return (existing, false);
        return await database.WriteAsync<(Account?, bool)>(
            async session =>
            {
                if (!await EabStore.TakePlaceAsync(session, binding.Key, account.CreatedAt))
                    return ((await session.FindAsync<AccountRow>(ByThumbprint, new { account.Thumbprint }))?.ToAccount(), false);
                var result = await FindOrCreateAsync(session, account, binding);
                if (!result.Created)
                    await EabStore.GivePlaceBackAsync(session, binding.Key);
                return result;
            },
            ct);
    }

    private static async Task<(Account Account, bool Created)> FindOrCreateAsync(DbSession session, NewAccount account, ExternalBinding? binding)
    {
        var id = await session.FindAsync<AccountId?>(
            """
            INSERT INTO accounts (status, thumbprint, jwk, contacts, terms_agreed_at, created_at, eab_key_id, eab_jws)
            VALUES ('valid', @Thumbprint, @Jwk, @Contacts, @TermsAgreedAt, @CreatedAt, @EabKey, @EabJws)
            ON CONFLICT (thumbprint) DO NOTHING
            RETURNING id
            """,
            new
            {
                account.Thumbprint,
                account.Jwk,
                Contacts = Columns.Of(account.Contacts),
                account.TermsAgreedAt,
                account.CreatedAt,
                EabKey = binding?.Key,
                EabJws = binding?.Jws,
            });
        if (id is { } created)
        {
            await LimitCounting.UseAsync(session, account.Limits, account.CreatedAt);
            await session.ExecuteAsync(
                "INSERT INTO account_keys (account_id, sequence, jws) VALUES (@Id, 0, @RequestJws)", new { Id = created, account.RequestJws });
        }
        var row = await session.FindAsync<AccountRow>(ByThumbprint, new { account.Thumbprint });
        return (row!.ToAccount(), id is not null);
    }

    /// <summary>The account with this id.</summary>
    public Task<Account?> FindAsync(AccountId id, CancellationToken ct) =>
        database.Accounts.FindAsync(
            id, async wanted => (await database.ReadAsync(session => session.FindAsync<AccountRow>(ById, new { Id = wanted }), ct))?.ToAccount());

    /// <summary>The account with this key.</summary>
    public async Task<Account?> FindByThumbprintAsync(string thumbprint, CancellationToken ct) =>
        (await database.ReadAsync(session => session.FindAsync<AccountRow>(ByThumbprint, new { Thumbprint = thumbprint }), ct))?.ToAccount();

    /// <summary>The newAccount request and every keyChange request since, oldest first, byte for byte as received.</summary>
    public Task<IReadOnlyList<byte[]>> KeyHistoryAsync(AccountId id, CancellationToken ct) => KeyHistoryAsync(database, id, ct);

    internal static async Task<IReadOnlyList<byte[]>> KeyHistoryAsync(Database database, AccountId id, CancellationToken ct)
    {
        return await database.KeyHistories.FindAsync(id, ReadAsync) ?? [];

        async Task<IReadOnlyList<byte[]>?> ReadAsync(AccountId wanted) =>
            await database.ReadAsync(
                session => session.ListAsync<byte[]>("SELECT jws FROM account_keys WHERE account_id = @Id ORDER BY sequence", new { Id = wanted }), ct)
                is { Count: > 0 } history ? history : null;
    }

    /// <summary>Replaces the contacts; false if the account is not valid any more (RFC 8555 §7.3.2).</summary>
    public Task<bool> UpdateContactsAsync(AccountId id, IReadOnlyList<string> contacts, CancellationToken ct) =>
        ChangeAsync(
            id,
            session => session.SwapAsync(
                "UPDATE accounts SET contacts = @Contacts WHERE id = @Id AND status = 'valid'", new { Id = id, Contacts = Columns.Of(contacts) }),
            ct);

    /// <summary>Gives the account up, with the log leaf; false and no leaf if it was not valid (RFC 8555 §7.3.6).</summary>
    public Task<bool> DeactivateAsync(AccountId id, LogLeaf leaf, CancellationToken ct) => EndAsync(id, AccountStatus.Deactivated, leaf, ct);

    /// <summary>Takes the account away from its owner (RFC 8555 §7.1.6, revoked), with the log leaf; false and no leaf if it was not valid.</summary>
    public Task<bool> RevokeAsync(AccountId id, LogLeaf leaf, CancellationToken ct) => EndAsync(id, AccountStatus.Revoked, leaf, ct);

    private Task<bool> EndAsync(AccountId id, AccountStatus status, LogLeaf leaf, CancellationToken ct) =>
        ChangeAsync(
            id,
            async session =>
            {
                var won = await session.SwapAsync("UPDATE accounts SET status = @Status WHERE id = @Id AND status = 'valid'", new { Id = id, Status = status });
                if (won)
                    await LogStore.AppendAsync(session, leaf);
                return won;
            },
            ct);

    /// <summary>Accounts, oldest first.</summary>
    /// <param name="after">Only accounts with a higher number; null for the oldest.</param>
    /// <param name="status">Only accounts in this state; null: in any.</param>
    /// <param name="contact">Only accounts that have this text in a contact, without regard to case; null: any.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="ct">Cancels the query.</param>
    public async Task<IReadOnlyList<Account>> ListAsync(AccountId? after, AccountStatus? status, string? contact, int count, CancellationToken ct) =>
        [
            .. (await database.ReadAsync(
                session => session.ListAsync<AccountRow>(
                    """
                    SELECT id AS Id, status AS Status, thumbprint AS Thumbprint, jwk AS Jwk, contacts AS Contacts,
                           terms_agreed_at AS TermsAgreedAt, created_at AS CreatedAt, eab_key_id AS EabKeyId, eab_jws AS EabJws
                    FROM accounts
                    WHERE id > @After AND (@Status = '' OR status = @Status) AND (@Contact = '' OR LOWER(contacts) LIKE @Contact ESCAPE '!')
                    ORDER BY id LIMIT @Count
                    """,
                    new
                    {
                        After = after ?? new AccountId(0),
                        Status = status is { } s ? WireName.Of(s) : "",
                        Contact = contact is null ? "" : $"%{Columns.Like(contact.ToLowerInvariant())}%",
                        Count = count,
                    }),
                ct)).Select(row => row.ToAccount()),
        ];

    /// <summary>
    /// Puts another key in the place of the account's, appends the request to its history, and the leaf to the log, in one
    /// transaction (RFC 8555 §7.3.5).
    /// </summary>
    /// <param name="id">The account.</param>
    /// <param name="oldThumbprint">Thumbprint of the key that is replaced.</param>
    /// <param name="thumbprint">Thumbprint of the new key.</param>
    /// <param name="jwk">The new key, canonical JWK.</param>
    /// <param name="requestJws">The keyChange request, byte for byte as received.</param>
    /// <param name="leaf">The log leaf.</param>
    /// <param name="ct">Cancels before the transaction has begun.</param>
    /// <returns>False, and nothing is changed, if the account has another key by now, is not valid, or the new key is another account's.</returns>
    public Task<bool> ChangeKeyAsync(
        AccountId id, string oldThumbprint, string thumbprint, string jwk, byte[] requestJws, LogLeaf leaf, CancellationToken ct) =>
        ChangeAsync(
            id,
            async session =>
            {
                var won = await session.SwapAsync(
                    """
                    UPDATE accounts SET thumbprint = @Thumbprint, jwk = @Jwk
                    WHERE id = @Id AND status = 'valid' AND thumbprint = @OldThumbprint
                      AND NOT EXISTS (SELECT 1 FROM accounts other WHERE other.thumbprint = @Thumbprint)
                    """,
                    new { Id = id, Thumbprint = thumbprint, Jwk = jwk, OldThumbprint = oldThumbprint });
                if (won)
                {
                    await session.ExecuteAsync(
                        """
                        INSERT INTO account_keys (account_id, sequence, jws)
                        SELECT @Id, MAX(sequence) + 1, @RequestJws FROM account_keys WHERE account_id = @Id
                        """,
                        new { Id = id, RequestJws = requestJws });
                    await LogStore.AppendAsync(session, leaf);
                }
                return won;
            },
            ct);

    private Task<bool> ChangeAsync(AccountId id, Func<DbSession, Task<bool>> statements, CancellationToken ct) =>
        database.KeyHistories.ChangeAsync(id, database.Accounts.ChangeAsync(id, database.WriteAsync(statements, ct)));

    private const string ById =
        """
        SELECT id AS Id, status AS Status, thumbprint AS Thumbprint, jwk AS Jwk, contacts AS Contacts,
               terms_agreed_at AS TermsAgreedAt, created_at AS CreatedAt, eab_key_id AS EabKeyId, eab_jws AS EabJws
        FROM accounts WHERE id = @Id
        """;

    private const string ByThumbprint =
        """
        SELECT id AS Id, status AS Status, thumbprint AS Thumbprint, jwk AS Jwk, contacts AS Contacts,
               terms_agreed_at AS TermsAgreedAt, created_at AS CreatedAt, eab_key_id AS EabKeyId, eab_jws AS EabJws
        FROM accounts WHERE thumbprint = @Thumbprint
        """;

    private sealed record AccountRow
    {
        public required AccountId Id { get; init; }

        public required AccountStatus Status { get; init; }

        public required string Thumbprint { get; init; }

        public required string Jwk { get; init; }

        public required string Contacts { get; init; }

        public DateTimeOffset? TermsAgreedAt { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public EabKeyId? EabKeyId { get; init; }

        public string? EabJws { get; init; }

        public Account ToAccount() => new()
        {
            Id = Id,
            Status = Status,
            Thumbprint = Thumbprint,
            Jwk = Jwk,
            Contacts = Columns.Strings(Contacts),
            TermsAgreedAt = TermsAgreedAt,
            CreatedAt = CreatedAt,
            Binding = EabKeyId is { } key ? new ExternalBinding(key, EabJws!) : null,
        };
    }
}
