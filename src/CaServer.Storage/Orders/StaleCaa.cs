using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>An authorization of an order whose CAA look-up is old.</summary>
public sealed record StaleCaa
{
    /// <summary>The authorization.</summary>
    public required AuthorizationId AuthorizationId { get; init; }

    /// <summary>The domain name, as ordered.</summary>
    public required Identifier Identifier { get; init; }

    /// <summary>The method by which it was proved.</summary>
    public required ValidationMethod Method { get; init; }
}

/// <summary>CAA statements, which renew the look-ups in control statements.</summary>
internal static class CaaStatements
{
    /// <summary>The authorizations of an order with domain names that nobody has looked CAA up for since then.</summary>
    public static async Task<IReadOnlyList<StaleCaa>> StaleAsync(DbSession session, OrderId order, DateTimeOffset since) =>
        [.. (await session.ListAsync<StaleRow>(Stale, new { Id = order, Since = since })).Select(r => r.ToStale())];

    public static Task<int> StoreAsync(DbSession session, AuthorizationId authorization, SignedCaaStatement statement) =>
        session.ExecuteAsync(
            """
            INSERT INTO caa_statements (authorization_id, perspective, checked_at, statement)
            VALUES (@Authorization, @Perspective, @At, @Compact)
            ON CONFLICT (authorization_id, perspective) DO UPDATE SET checked_at = excluded.checked_at, statement = excluded.statement
            """,
            new
            {
                Authorization = authorization,
                statement.Perspective,
                At = DateTimeOffset.FromUnixTimeSeconds(statement.Statement.CaaCheckedAt),
                statement.Compact,
            });

    private const string Stale =
        """
        SELECT a.id AS AuthorizationId, a.identifier AS Identifier, c.method AS Method
        FROM order_authorizations n
        JOIN authorizations a ON a.id = n.authorization_id AND a.status = 'valid' AND a.identifier_type = 'dns'
        JOIN challenges c ON c.authorization_id = a.id AND c.status = 'valid' AND c.validated_at < @Since
        WHERE n.order_id = @Id AND NOT EXISTS (
            SELECT 1 FROM caa_statements s WHERE s.authorization_id = a.id AND s.checked_at >= @Since)
        """;

    private sealed record StaleRow
    {
        public required AuthorizationId AuthorizationId { get; init; }

        public required string Identifier { get; init; }

        public required ValidationMethod Method { get; init; }

        public StaleCaa ToStale() => new()
        {
            AuthorizationId = AuthorizationId,
            Identifier = Columns.Identifier(IdentifierType.Dns, Identifier),
            Method = Method,
        };
    }
}
