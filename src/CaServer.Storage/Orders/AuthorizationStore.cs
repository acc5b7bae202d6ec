using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>ACME authorizations, their challenges and what proves them.</summary>
public sealed class AuthorizationStore(Database database)
{
    private readonly ChallengeQueue _queue = new(database.Dialect);

    /// <summary>The authorization with this id.</summary>
    public async Task<Authorization?> FindAsync(AuthorizationId id, CancellationToken ct)
    {
        if (database.Authorizations.Find(id) is { } known)
            return known;
        var now = database.Authorizations.Now(id);
        var found = (await ListAsync(ById, new { Id = id }, ct)).SingleOrDefault();
        if (found is not null)
            database.Authorizations.Keep(found, now);
        return found;
    }

    /// <summary>The authorization that has this challenge.</summary>
    public async Task<Authorization?> FindByChallengeAsync(ChallengeId id, CancellationToken ct) =>
        database.Authorizations.Find(id) ?? (await ListAsync(
            $"""
            SELECT {AuthorizationRow.Columns}
            FROM challenges one JOIN authorizations a ON a.id = one.authorization_id JOIN challenges c ON c.authorization_id = a.id
            WHERE one.id = @Id ORDER BY c.id
            """,
            new { Id = id },
            ct)).SingleOrDefault();

    /// <summary>
    /// Makes an authorization that no order asks for (RFC 8555 §7.4.1), or finds one of the account that is pending from an earlier
    /// such request, or valid for long enough.
    /// </summary>
    /// <exception cref="AcmeException">rateLimited: nothing is stored.</exception>
    public async Task<Authorization> CreateAsync(NewPreAuthorization wanted, CancellationToken ct) =>
        (await FindAsync(await database.WriteAsync(session => PreAuthorization.RunAsync(session, wanted), ct), ct))!;

    /// <summary>The authorizations of an order, in the order of its names.</summary>
    public Task<IReadOnlyList<Authorization>> FindForOrderAsync(OrderId id, CancellationToken ct) =>
        ListAsync(
            $"""
            SELECT {AuthorizationRow.Columns}
            FROM order_authorizations n JOIN authorizations a ON a.id = n.authorization_id JOIN challenges c ON c.authorization_id = a.id
            WHERE n.order_id = @Id ORDER BY n.position, c.id
            """,
            new { Id = id },
            ct);

    /// <summary>
    /// The client has answered: challenge pending → processing, while its authorization is pending and has not run out. False
    /// if not, which on a second answer is nothing bad (RFC 8555 §7.5.1).
    /// </summary>
    /// <param name="id">The challenge.</param>
    /// <param name="lease">Null to leave it to any validator; otherwise who checks it at once.</param>
    /// <param name="now">Now.</param>
    /// <param name="ct">Cancels before the transaction has begun.</param>
    public Task<bool> BeginValidationAsync(ChallengeId id, Lease? lease, DateTimeOffset now, CancellationToken ct) =>
        ChangeAsync(
            id,
            async session =>
            {
                var entered = await ChallengeQueue.EnterAsync(session, id, lease, now);
                if (entered && lease is null)
                    await database.TellAsync(session, Notice.Challenge);
                return entered;
            },
            ct);

    /// <summary>Takes the oldest challenge that waits to be checked and that no living process has; null if there is none.</summary>
    public Task<ValidationWork?> ClaimValidationAsync(Lease lease, DateTimeOffset now, CancellationToken ct) =>
        database.WriteAsync(session => _queue.ClaimAsync(session, lease, now), ct);

    /// <summary>
    /// The check succeeded: stores the statements, challenge and authorization become valid, and the orders that waited only
    /// for this become ready, all in one transaction. False, and the challenge ends invalid, if the authorization is not
    /// pending any more; false and nothing else if the challenge was decided before. A process that checks at once need not have
    /// called <see cref="BeginValidationAsync"/>.
    /// </summary>
    /// <param name="id">The challenge.</param>
    /// <param name="statements">What the perspectives signed.</param>
    /// <param name="checks">What the perspectives did.</param>
    /// <param name="validatedAt">When.</param>
    /// <param name="authorizationExpires">Until when the authorization is good.</param>
    /// <param name="ct">Cancels before the transaction has begun.</param>
    public Task<bool> CompleteValidationAsync(
        ChallengeId id,
        IReadOnlyList<SignedControlStatement> statements,
        IReadOnlyList<PerspectiveCheck> checks,
        DateTimeOffset validatedAt,
        DateTimeOffset authorizationExpires,
        CancellationToken ct) =>
        ChangeAsync(id, session => ChallengeOutcome.CompleteAsync(session, id, statements, checks, validatedAt, authorizationExpires), ct);

    /// <summary>
    /// The check failed: challenge and authorization become invalid, and the pending orders that need it, with the same error
    /// (RFC 8555 §7.1.6). False if the challenge was decided before.
    /// </summary>
    /// <param name="id">The challenge.</param>
    /// <param name="problem">Why it failed.</param>
    /// <param name="checks">What the perspectives did.</param>
    /// <param name="limit">What the failure counts against; null if against nothing.</param>
    /// <param name="now">Now.</param>
    /// <param name="ct">Cancels before the transaction has begun.</param>
    public Task<bool> FailValidationAsync(
        ChallengeId id, AcmeProblem problem, IReadOnlyList<PerspectiveCheck> checks, LimitUse? limit, DateTimeOffset now, CancellationToken ct) =>
        ChangeAsync(id, session => ChallengeOutcome.FailAsync(session, id, problem, checks, limit, now), ct);

    /// <summary>
    /// The check failed, but may do better later: the challenge is processing, shows the error meanwhile, and is nobody's until it is
    /// due. False and nothing is changed if it was decided before, or its authorization is not pending any more.
    /// </summary>
    /// <param name="id">The challenge.</param>
    /// <param name="problem">Why the attempt failed.</param>
    /// <param name="checks">What the perspectives did.</param>
    /// <param name="attempt">Which it was.</param>
    /// <param name="due">When the next may be made.</param>
    /// <param name="now">Now.</param>
    /// <param name="ct">Cancels before the transaction has begun.</param>
    public Task<bool> PostponeValidationAsync(
        ChallengeId id, AcmeProblem problem, IReadOnlyList<PerspectiveCheck> checks, int attempt, DateTimeOffset due, DateTimeOffset now, CancellationToken ct) =>
        ChangeAsync(id, session => ChallengeQueue.PostponeAsync(session, id, problem, checks, attempt, due, now), ct);

    /// <summary>What was done to check an authorization: at most so many, the latest, by challenge in the order in which they were made.</summary>
    public Task<ILookup<ChallengeId, PerspectiveCheck>> ListChecksAsync(AuthorizationId id, int max, CancellationToken ct) =>
        database.ReadAsync(session => PerspectiveChecks.ListAsync(session, id, max), ct);

    /// <summary>
    /// The client gives the authorization up (RFC 8555 §7.5.2): it is not reused any more, and orders that have it and were not
    /// finalized become invalid, and so do its challenges that are being checked. False if it was neither pending nor valid.
    /// </summary>
    public Task<bool> DeactivateAsync(AuthorizationId id, CancellationToken ct) =>
        database.Authorizations.ChangeAsync(id, database.WriteAsync(session => DeactivateAsync(session, id), ct));

    /// <summary>
    /// The order's domain names with no CAA look-up since then: those proved earlier, and those proved by an authorization that is
    /// for all names below another one, which looked up none.
    /// </summary>
    public async Task<IReadOnlyList<StaleCaa>> StaleCaaAsync(Order order, DateTimeOffset since, CancellationToken ct) =>
        order.Authorizations.All(id => database.Authorizations.Find(id) is { } known && CaaStatements.IsFresh(known, since))
            ? []
            : await database.ReadAsync(session => CaaStatements.StaleAsync(session, order.Id, since), ct);

    /// <summary>
    /// Keeps what came of looking CAA up again for a name ordered, in place of what the same perspective found earlier.
    /// </summary>
    /// <param name="renewed">For which authorization and name.</param>
    /// <param name="statement">What the perspective signed; null if CAA does not permit the name, which ends no earlier statement.</param>
    /// <param name="check">What the perspective did.</param>
    /// <param name="ct">Cancels before the transaction has begun.</param>
    public Task<int> StoreCaaAsync(StaleCaa renewed, SignedCaaStatement? statement, PerspectiveCheck check, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                await PerspectiveChecks.StoreAsync(session, renewed.ChallengeId, [check]);
                return statement is null ? 0 : await CaaStatements.StoreAsync(session, renewed.AuthorizationId, renewed.Identifier, statement);
            },
            ct);

    /// <summary>Whether the account holds a valid authorization, good now, for each of these names (RFC 8555 §7.6).</summary>
    public Task<bool> HoldsAllAsync(AccountId account, IReadOnlyList<Identifier> names, DateTimeOffset now, CancellationToken ct) =>
        database.ReadAsync(
            async session =>
            {
                foreach (var name in names)
                {
                    var held = await session.FindAsync<AuthorizationId?>(
                        """
                        SELECT id FROM authorizations
                        WHERE account_id = @Account AND identifier_type = @Type AND status = 'valid' AND expires > @Now
                            AND (identifier = @Name OR (names_below AND @Name LIKE '%.' || identifier))
                        LIMIT 1
                        """,
                        new { Account = account, name.Type, Name = name.ToString(), Now = now });
                    if (held is null)
                        return false;
                }
                return true;
            },
            ct);

    private const string ById =
        $"""
        SELECT {AuthorizationRow.Columns}
        FROM authorizations a JOIN challenges c ON c.authorization_id = a.id
        WHERE a.id = @Id ORDER BY c.id
        """;

    private Task<bool> ChangeAsync(ChallengeId id, Func<DbSession, Task<bool>> statements, CancellationToken ct) =>
        database.Authorizations.ChangeAsync(id, database.WriteAsync(statements, ct));

    private static async Task<bool> DeactivateAsync(DbSession session, AuthorizationId id)
    {
        var won = await session.SwapAsync(
            "UPDATE authorizations SET status = 'deactivated' WHERE id = @Id AND status IN ('pending', 'valid')", new { Id = id });
        if (won)
        {
            await ChallengeQueue.EndAsync(session, id, Deactivated);
            await OrderProgress.EndAsync(session, id, Deactivated);
        }
        return won;
    }

    private static AcmeProblem Deactivated { get; } =
        new(ProblemType.Unauthorized, "The authorization was deactivated by its owner; place a new order.");

    private async Task<IReadOnlyList<Authorization>> ListAsync(string sql, object arguments, CancellationToken ct) =>
        AuthorizationRow.Gather(await database.ReadAsync(session => session.ListAsync<AuthorizationRow>(sql, arguments), ct));
}
