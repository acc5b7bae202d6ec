using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>A name of an order whose CAA look-up is old or was never made.</summary>
public sealed record StaleCaa
{
    /// <summary>The authorization that proves it.</summary>
    public required AuthorizationId AuthorizationId { get; init; }

    /// <summary>The challenge by which it was proved.</summary>
    public required ChallengeId ChallengeId { get; init; }

    /// <summary>The domain name, as ordered.</summary>
    public required Identifier Identifier { get; init; }

    /// <summary>The method by which it was proved.</summary>
    public required ValidationMethod Method { get; init; }

    /// <summary>The perspectives that found it proved: the others' word about CAA is of no use, since the signing core wants both of the same.</summary>
    public required IReadOnlySet<string> ProvedBy { get; init; }
}

/// <summary>CAA statements, which renew the look-ups in control statements.</summary>
internal static class CaaStatements
{
    /// <summary>Whether CAA was looked up since then when the authorization was proved; false where that takes a look into the database.</summary>
    public static bool IsFresh(Authorization proof, DateTimeOffset since) =>
        proof.Identifier.Type != IdentifierType.Dns || (!proof.NamesBelow && proof.Challenges.Any(c => c.Status == ChallengeStatus.Valid)
            && proof.Challenges.All(c => c.Status != ChallengeStatus.Valid || c.ValidatedAt >= since));

    /// <summary>The domain names of an order that nobody has looked CAA up for since then.</summary>
    public static async Task<IReadOnlyList<StaleCaa>> StaleAsync(DbSession session, OrderId order, DateTimeOffset since)
    {
        var stale = new List<StaleCaa>();
        foreach (var row in await session.ListAsync<StaleRow>(Stale, new { Id = order, Since = since }))
        {
            var perspectives = await session.ListAsync<string>("SELECT perspective FROM control_statements WHERE challenge_id = @ChallengeId", new { row.ChallengeId });
            stale.Add(row.ToStale(perspectives.ToHashSet(StringComparer.Ordinal)));
        }
        return stale;
    }

    public static Task<int> StoreAsync(DbSession session, AuthorizationId authorization, Identifier identifier, SignedCaaStatement statement) =>
        session.ExecuteAsync(
            """
            INSERT INTO caa_statements (authorization_id, identifier, perspective, checked_at, statement)
            VALUES (@Authorization, @Identifier, @Perspective, @At, @Compact)
            ON CONFLICT (authorization_id, identifier, perspective) DO UPDATE SET checked_at = excluded.checked_at, statement = excluded.statement
            """,
            new
            {
                Authorization = authorization,
                Identifier = identifier.ToString(),
                statement.Perspective,
                At = DateTimeOffset.FromUnixTimeSeconds(statement.Statement.CaaCheckedAt),
                statement.Compact,
            });

    private const string Stale =
        """
        SELECT a.id AS AuthorizationId, c.id AS ChallengeId, n.identifier AS Identifier, c.method AS Method
        FROM order_authorizations n
        JOIN authorizations a ON a.id = n.authorization_id AND a.status = 'valid'
        JOIN challenges c ON c.authorization_id = a.id AND c.status = 'valid' AND (c.validated_at < @Since OR a.names_below)
        WHERE n.order_id = @Id AND n.identifier_type = 'dns' AND NOT EXISTS (
            SELECT 1 FROM caa_statements s WHERE s.authorization_id = a.id AND s.identifier = n.identifier AND s.checked_at >= @Since)
        """;

    private sealed record StaleRow
    {
        public required AuthorizationId AuthorizationId { get; init; }

        public required ChallengeId ChallengeId { get; init; }

        public required string Identifier { get; init; }

        public required ValidationMethod Method { get; init; }

        public StaleCaa ToStale(IReadOnlySet<string> provedBy) => new()
        {
            AuthorizationId = AuthorizationId,
            ChallengeId = ChallengeId,
            Identifier = Columns.Identifier(IdentifierType.Dns, Identifier),
            Method = Method,
            ProvedBy = provedBy,
        };
    }
}
