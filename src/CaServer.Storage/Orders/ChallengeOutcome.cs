using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>What follows from a check: challenge, authorization and orders move together.</summary>
internal static class ChallengeOutcome
{
    public static async Task<bool> CompleteAsync(
        DbSession session,
        ChallengeId id,
        IReadOnlyList<SignedControlStatement> statements,
        IReadOnlyList<PerspectiveCheck> checks,
        DateTimeOffset validatedAt,
        DateTimeOffset authorizationExpires)
    {
        var found = await session.FindAsync<AuthorizationId?>(
            """
            UPDATE challenges SET status = 'valid', validated_at = @At, error = NULL, lease_owner = NULL, lease_until = NULL
            WHERE id = @Id AND status IN ('pending', 'processing')
            RETURNING authorization_id
            """,
            new { Id = id, At = validatedAt });
        if (found is not { } authorization)
            return false;
        await PerspectiveChecks.StoreAsync(session, id, checks);
        var won = await session.SwapAsync(
            "UPDATE authorizations SET status = 'valid', expires = @Expires WHERE id = @Id AND status = 'pending' AND expires > @At",
            new { Id = authorization, Expires = authorizationExpires, At = validatedAt });
        if (!won)
        {
            // The check came too late. The challenge must end all the same, or it would be checked again and again.
            await session.ExecuteAsync(
                "UPDATE challenges SET status = 'invalid', validated_at = NULL, error = @Error WHERE id = @Id", new { Id = id, Error = Columns.Of(TooLate) });
            return false;
        }
        foreach (var statement in statements)
        {
            await session.ExecuteAsync(
                """
                INSERT INTO control_statements (authorization_id, challenge_id, perspective, statement)
                VALUES (@Authorization, @Challenge, @Perspective, @Compact)
                """,
                new { Authorization = authorization, Challenge = id, statement.Perspective, statement.Compact });
        }
        await OrderProgress.ProceedAsync(session, authorization);
        return true;
    }

    public static async Task<bool> FailAsync(
        DbSession session, ChallengeId id, AcmeProblem problem, IReadOnlyList<PerspectiveCheck> checks, LimitUse? limit, DateTimeOffset now)
    {
        var found = await session.FindAsync<AuthorizationId?>(
            """
            UPDATE challenges SET status = 'invalid', error = @Error, lease_owner = NULL, lease_until = NULL
            WHERE id = @Id AND status IN ('pending', 'processing')
            RETURNING authorization_id
            """,
            new { Id = id, Error = Columns.Of(problem) });
        if (found is not { } authorization)
            return false;
        await PerspectiveChecks.StoreAsync(session, id, checks);
        if (await session.SwapAsync("UPDATE authorizations SET status = 'invalid' WHERE id = @Id AND status = 'pending'", new { Id = authorization }))
            await OrderProgress.EndAsync(session, authorization, problem);
        // With no room left the failure has happened all the same; the next order for the name is refused.
        if (limit is not null)
            await LimitCounting.TryUseAsync(session, limit, now);
        return true;
    }

    private static AcmeProblem TooLate { get; } = new(
        ProblemType.Unauthorized, "The authorization ended before this challenge was checked; place a new order if you still need the name.");
}
