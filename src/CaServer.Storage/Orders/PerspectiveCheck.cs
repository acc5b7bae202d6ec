using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>What one perspective did and saw at one attempt to check a challenge: what the explanation is made of.</summary>
public sealed record PerspectiveCheck
{
    /// <summary><see cref="Attempt"/> of a look-up of CAA alone, for an authorization that is used again; the latest takes the place of the one before.</summary>
    public const int CaaRenewal = 0;

    /// <summary>The perspective's name.</summary>
    public required string Perspective { get; init; }

    /// <summary>Which attempt it was, from 1, or <see cref="CaaRenewal"/>.</summary>
    public required int Attempt { get; init; }

    /// <summary>The name that was checked, as ordered.</summary>
    public required Identifier Identifier { get; init; }

    /// <summary>Whether it was found to be in order.</summary>
    public required bool Passed { get; init; }

    /// <summary>Wire name of the cause, if it failed.</summary>
    public string? Cause { get; init; }

    /// <summary>What was seen, one sentence, if it failed.</summary>
    public string? Diagnosis { get; init; }

    /// <summary>What to change, one sentence, if it failed.</summary>
    public string? Remedy { get; init; }

    /// <summary>The steps, JSON; whoever makes it bounds it.</summary>
    public required byte[] Trace { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>Keeps and lists what perspectives did, within the transaction that says what came of it.</summary>
internal static class PerspectiveChecks
{
    public static async Task StoreAsync(DbSession session, ChallengeId challenge, IReadOnlyList<PerspectiveCheck> checks)
    {
        foreach (var check in checks)
        {
            await session.ExecuteAsync(
                """
                INSERT INTO perspective_checks (
                    challenge_id, attempt, perspective, identifier_type, identifier, passed, cause, diagnosis, remedy, trace, at)
                VALUES (@Challenge, @Attempt, @Perspective, @Type, @Identifier, @Passed, @Cause, @Diagnosis, @Remedy, @Trace, @At)
                ON CONFLICT (challenge_id, attempt, perspective, identifier) DO UPDATE SET
                    passed = excluded.passed, cause = excluded.cause, diagnosis = excluded.diagnosis, remedy = excluded.remedy,
                    trace = excluded.trace, at = excluded.at
                """,
                new
                {
                    Challenge = challenge,
                    Attempt = (long)check.Attempt,
                    check.Perspective,
                    check.Identifier.Type,
                    Identifier = check.Identifier.ToString(),
                    check.Passed,
                    check.Cause,
                    check.Diagnosis,
                    check.Remedy,
                    check.Trace,
                    check.At,
                });
        }
    }

    /// <summary>The latest checks of an authorization, those of each challenge in the order in which they were made.</summary>
    public static async Task<ILookup<ChallengeId, PerspectiveCheck>> ListAsync(DbSession session, AuthorizationId authorization, int max) =>
        (await session.ListAsync<CheckRow>(Latest, new { Id = authorization, Max = max }))
            .OrderBy(r => r.At).ThenBy(r => r.Perspective, StringComparer.Ordinal)
            .ToLookup(r => r.ChallengeId, r => r.ToCheck());

    /// <summary>Deletes those of an authorization.</summary>
    public static Task<int> DeleteAsync(DbSession session, AuthorizationId authorization) =>
        session.ExecuteAsync(
            "DELETE FROM perspective_checks WHERE challenge_id IN (SELECT id FROM challenges WHERE authorization_id = @Id)", new { Id = authorization });

    private const string Latest =
        """
        SELECT p.challenge_id AS ChallengeId, p.attempt AS Attempt, p.perspective AS Perspective, p.identifier_type AS Type,
               p.identifier AS Identifier, p.passed AS Passed, p.cause AS Cause, p.diagnosis AS Diagnosis, p.remedy AS Remedy,
               p.trace AS Trace, p.at AS At
        FROM challenges c JOIN perspective_checks p ON p.challenge_id = c.id
        WHERE c.authorization_id = @Id
        ORDER BY p.at DESC LIMIT @Max
        """;

    private sealed record CheckRow
    {
        public required ChallengeId ChallengeId { get; init; }

        public required long Attempt { get; init; }

        public required string Perspective { get; init; }

        public required IdentifierType Type { get; init; }

        public required string Identifier { get; init; }

        public required bool Passed { get; init; }

        public required string? Cause { get; init; }

        public required string? Diagnosis { get; init; }

        public required string? Remedy { get; init; }

        public required byte[] Trace { get; init; }

        public required DateTimeOffset At { get; init; }

        public PerspectiveCheck ToCheck() => new()
        {
            Perspective = Perspective,
            Attempt = (int)Attempt,
            Identifier = Columns.Identifier(Type, Identifier),
            Passed = Passed,
            Cause = Cause,
            Diagnosis = Diagnosis,
            Remedy = Remedy,
            Trace = Trace,
            At = At,
        };
    }
}
