using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Challenges that were answered and wait to be checked: rows in state processing, leased while a process has them.</summary>
internal sealed class ChallengeQueue(Dialect dialect)
{
    private readonly string _claim =
        $"""
        UPDATE challenges SET lease_owner = @Owner, lease_until = @Until, attempts = attempts + 1
        WHERE id = (
            SELECT id FROM challenges WHERE status = 'processing' AND (lease_until IS NULL OR lease_until <= @Now)
            ORDER BY id LIMIT 1 {dialect.SkipLocked})
        RETURNING id
        """;

    public static Task<bool> EnterAsync(DbSession session, ChallengeId id, Lease? lease, DateTimeOffset now) =>
        session.SwapAsync(
            """
            UPDATE challenges SET status = 'processing', lease_owner = @Owner, lease_until = @Until, attempts = @Attempts
            WHERE id = @Id AND status = 'pending' AND EXISTS (
                SELECT 1 FROM authorizations a WHERE a.id = challenges.authorization_id AND a.status = 'pending' AND a.expires > @Now)
            """,
            new { Id = id, lease?.Owner, lease?.Until, Attempts = lease is null ? 0L : 1L, Now = now });

    public static async Task<bool> PostponeAsync(
        DbSession session, ChallengeId id, AcmeProblem problem, IReadOnlyList<PerspectiveCheck> checks, int attempt, DateTimeOffset due, DateTimeOffset now)
    {
        var won = await session.SwapAsync(
            """
            UPDATE challenges SET status = 'processing', error = @Error, attempts = @Attempt, lease_owner = NULL, lease_until = @Due
            WHERE id = @Id AND status IN ('pending', 'processing') AND EXISTS (
                SELECT 1 FROM authorizations a WHERE a.id = challenges.authorization_id AND a.status = 'pending' AND a.expires > @Now)
            """,
            new { Id = id, Error = Columns.Of(problem), Attempt = (long)attempt, Due = due, Now = now });
        if (won)
            await PerspectiveChecks.StoreAsync(session, id, checks);
        return won;
    }

    /// <summary>Ends the checks of an authorization that its owner gave up.</summary>
    public static Task<int> EndAsync(DbSession session, AuthorizationId authorization, AcmeProblem error) =>
        session.ExecuteAsync(
            """
            UPDATE challenges SET status = 'invalid', error = @Error, lease_owner = NULL, lease_until = NULL
            WHERE authorization_id = @Id AND status = 'processing'
            """,
            new { Id = authorization, Error = Columns.Of(error) });

    public async Task<ValidationWork?> ClaimAsync(DbSession session, Lease lease, DateTimeOffset now)
    {
        var id = await session.FindAsync<ChallengeId?>(_claim, new { lease.Owner, lease.Until, Now = now });
        return id is null ? null : (await session.FindAsync<WorkRow>(Work, new { Id = id }))!.ToWork();
    }

    private const string Work =
        """
        SELECT c.id AS ChallengeId, c.authorization_id AS AuthorizationId, a.account_id AS AccountId, k.thumbprint AS Thumbprint,
               a.identifier_type AS IdentifierType, a.identifier AS Identifier, a.names_below AS NamesBelow, c.method AS Method, c.token AS Token, c.attempts AS Attempts
        FROM challenges c JOIN authorizations a ON a.id = c.authorization_id JOIN accounts k ON k.id = a.account_id
        WHERE c.id = @Id
        """;

    private sealed record WorkRow
    {
        public required ChallengeId ChallengeId { get; init; }

        public required AuthorizationId AuthorizationId { get; init; }

        public required AccountId AccountId { get; init; }

        public required string Thumbprint { get; init; }

        public required IdentifierType IdentifierType { get; init; }

        public required string Identifier { get; init; }

        public required bool NamesBelow { get; init; }

        public required ValidationMethod Method { get; init; }

        public required string Token { get; init; }

        public required long Attempts { get; init; }

        public ValidationWork ToWork() => new()
        {
            ChallengeId = ChallengeId,
            AuthorizationId = AuthorizationId,
            AccountId = AccountId,
            Thumbprint = Thumbprint,
            Identifier = Columns.Identifier(IdentifierType, Identifier),
            NamesBelow = NamesBelow,
            Method = Method,
            Token = Token,
            Attempt = (int)Attempts,
        };
    }
}
