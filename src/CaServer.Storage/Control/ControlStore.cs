using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Requests to prove a name by a method that is no ACME challenge.</summary>
public sealed class ControlStore(Database database)
{
    private const string Columns =
        """
        r.id AS Id, r.account_id AS AccountId, r.identifier_type AS IdentifierType, r.identifier AS Identifier, r.method AS Method, r.token AS Token,
        r.recipient AS Recipient, r.answer AS Answer, r.state AS State, r.attempts AS Attempts, r.created_at AS CreatedAt, r.expires AS Expires,
        r.confirmed_at AS ConfirmedAt, r.authorization_id AS AuthorizationId
        """;

    /// <summary>Stores a request; null if the account has as many open ones as it may have.</summary>
    public Task<ControlRequest?> CreateAsync(NewControlRequest request, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                var terms = request.Terms;
                var createdAt = DateTimeOffset.FromUnixTimeSeconds(terms.CreatedAt);
                var open = await session.FindAsync<long>(
                    "SELECT COUNT(*) FROM control_requests WHERE account_id = @AccountId AND state IN ('waiting', 'confirmed') AND expires > @Now",
                    new { request.AccountId, Now = createdAt });
                if (open >= request.MaxOpen)
                    return null;
                var id = await session.FindAsync<ControlRequestId>(
                    """
                    INSERT INTO control_requests (account_id, identifier_type, identifier, method, token, recipient, sent_hash, state, attempts, created_at, expires)
                    VALUES (@AccountId, @Type, @Identifier, @Method, @Token, @Recipient, @SentHash, 'waiting', 0, @CreatedAt, @Expires)
                    RETURNING id
                    """,
                    new
                    {
                        request.AccountId,
                        terms.Identifier.Type,
                        Identifier = terms.Identifier.ToString(),
                        terms.Method,
                        terms.Token,
                        terms.Recipient,
                        request.SentHash,
                        CreatedAt = createdAt,
                        request.Expires,
                    });
                return await FindAsync(session, id);
            },
            ct);

    /// <summary>The request with this id.</summary>
    public Task<ControlRequest?> FindAsync(ControlRequestId id, CancellationToken ct) => database.ReadAsync(session => FindAsync(session, id), ct);

    /// <summary>The request for which a value with this SHA-256 value was sent.</summary>
    public async Task<ControlRequest?> FindSentAsync(byte[] hash, CancellationToken ct) =>
        (await database.ReadAsync(
            session => session.FindAsync<Row>($"SELECT {Columns} FROM control_requests r WHERE r.sent_hash = @Hash", new { Hash = hash }), ct))?.ToRequest();

    /// <summary>Requests, newest first.</summary>
    /// <param name="account">Those of one account; null for all.</param>
    /// <param name="openAt">Those that are open at this time; null for all.</param>
    /// <param name="before">Those that are older than this one.</param>
    /// <param name="count">So many at most.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<IReadOnlyList<ControlRequest>> ListAsync(AccountId? account, DateTimeOffset? openAt, ControlRequestId? before, int count, CancellationToken ct) =>
        [.. (await database.ReadAsync(
            session => session.ListAsync<Row>(
                $"""
                SELECT {Columns} FROM control_requests r
                WHERE r.id < @Before
                {(account is null ? "" : "AND r.account_id = @Account")}
                {(openAt is null ? "" : "AND r.state IN ('waiting', 'confirmed') AND r.expires > @OpenAt")}
                ORDER BY r.id DESC LIMIT @Count
                """,
                new { Before = before?.Value ?? long.MaxValue, Account = account, OpenAt = openAt, Count = count }),
            ct)).Select(r => r.ToRequest())];

    /// <summary>The value has come back: waiting → confirmed. False if it is not waiting any more.</summary>
    public Task<bool> ConfirmAsync(ControlRequestId id, string answer, DateTimeOffset now, CancellationToken ct) =>
        database.WriteAsync(
            session => session.SwapAsync(
                "UPDATE control_requests SET state = 'confirmed', answer = @Answer, confirmed_at = @Now WHERE id = @Id AND state = 'waiting' AND expires > @Now",
                new { Id = id, Answer = answer, Now = now }),
            ct);

    /// <summary>Ends a request that is open: its recipient has said no, or it is taken back. False if it was decided before.</summary>
    public Task<bool> EndAsync(ControlRequestId id, ControlRequestState state, DateTimeOffset now, CancellationToken ct) =>
        database.WriteAsync(
            session => session.SwapAsync(
                "UPDATE control_requests SET state = @State WHERE id = @Id AND state IN ('waiting', 'confirmed') AND expires > @Now",
                new { Id = id, State = state, Now = now }),
            ct);

    /// <summary>Counts a check that is about to be made. False if the request is not open or was checked as often as it may be.</summary>
    public Task<bool> BeginCheckAsync(ControlRequestId id, int maxAttempts, DateTimeOffset now, CancellationToken ct) =>
        database.WriteAsync(
            session => session.SwapAsync(
                """
                UPDATE control_requests SET attempts = attempts + 1
                WHERE id = @Id AND state IN ('waiting', 'confirmed') AND expires > @Now AND attempts < @Max
                """,
                new { Id = id, Max = (long)maxAttempts, Now = now }),
            ct);

    /// <summary>
    /// The name is proved: the request ends, and its account has a valid authorization with the statements, as after a
    /// pre-authorization (RFC 8555 §7.4.1). Null and nothing else if the request was decided before, or the account is gone.
    /// </summary>
    public Task<AuthorizationId?> ProveAsync(ControlRequest request, ControlProved proved, CancellationToken ct) =>
        database.WriteAsync<AuthorizationId?>(
            async session =>
            {
                var won = await session.SwapAsync(
                    """
                    UPDATE control_requests SET state = 'proved'
                    WHERE id = @Id AND state IN ('waiting', 'confirmed') AND expires > @At
                        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = control_requests.account_id AND a.status = 'valid')
                    """,
                    new { request.Id, proved.At });
                if (!won)
                    return null;
                var authorization = await AuthorizationCreation.RunAsync(
                    session, request.AccountId, request.Identifier, namesBelow: false, preAuthorized: true, proved.AuthorizationExpires,
                    [new NewChallenge(request.Method, request.Token)]);
                if (!await ChallengeOutcome.CompleteAsync(session, authorization.Challenges[0].Id, proved.Statements, proved.Checks, proved.At, proved.AuthorizationExpires))
                    throw new InvalidOperationException("An authorization could not be completed that was made in the same transaction.");
                await session.ExecuteAsync("UPDATE control_requests SET authorization_id = @Authorization WHERE id = @Id", new { Authorization = authorization.Id, request.Id });
                return authorization.Id;
            },
            ct);

    /// <summary>Deletes those that ran out long ago; how many.</summary>
    internal static Task<int> DeleteEndedAsync(DbSession session, DateTimeOffset before, int batch) =>
        session.ExecuteAsync(
            "DELETE FROM control_requests WHERE id IN (SELECT id FROM control_requests WHERE expires < @Before ORDER BY expires LIMIT @Batch)",
            new { Before = before, Batch = batch });

    private static async Task<ControlRequest?> FindAsync(DbSession session, ControlRequestId id) =>
        (await session.FindAsync<Row>($"SELECT {Columns} FROM control_requests r WHERE r.id = @Id", new { Id = id }))?.ToRequest();

    private sealed record Row
    {
        public required ControlRequestId Id { get; init; }

        public required AccountId AccountId { get; init; }

        public required IdentifierType IdentifierType { get; init; }

        public required string Identifier { get; init; }

        public required ValidationMethod Method { get; init; }

        public required string Token { get; init; }

        public string? Recipient { get; init; }

        public string? Answer { get; init; }

        public required ControlRequestState State { get; init; }

        public required long Attempts { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public required DateTimeOffset Expires { get; init; }

        public DateTimeOffset? ConfirmedAt { get; init; }

        public AuthorizationId? AuthorizationId { get; init; }

        public ControlRequest ToRequest() => new()
        {
            Id = Id,
            AccountId = AccountId,
            Identifier = Storage.Columns.Identifier(IdentifierType, Identifier),
            Method = Method,
            Token = Token,
            Recipient = Recipient,
            Answer = Answer,
            State = State,
            Attempts = (int)Attempts,
            CreatedAt = CreatedAt,
            Expires = Expires,
            ConfirmedAt = ConfirmedAt,
            AuthorizationId = AuthorizationId,
        };
    }
}
