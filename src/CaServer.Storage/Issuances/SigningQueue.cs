using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Orders that were finalized and wait to be signed: rows in state processing, leased while a process has them.</summary>
internal sealed class SigningQueue(Dialect dialect)
{
    private readonly string _claim =
        $"""
        UPDATE orders SET lease_owner = @Owner, lease_until = @Until, attempts = attempts + 1
        WHERE id = (
            SELECT id FROM orders WHERE status = 'processing' AND (lease_until IS NULL OR lease_until <= @Now)
            ORDER BY id LIMIT 1 {dialect.SkipLocked})
        RETURNING id
        """;

    public Task<OrderId?> ClaimAsync(DbSession session, Lease lease, DateTimeOffset now) =>
        session.FindAsync<OrderId?>(_claim, new { lease.Owner, lease.Until, Now = now });

    /// <summary>The finalize request and which attempt to sign for it this is; null if there is no such order or it was not finalized.</summary>
    public static Task<FinalizeRequest?> RequestAsync(DbSession session, OrderId id) =>
        session.FindAsync<FinalizeRequest>(
            "SELECT finalize_jws AS Jws, attempts AS Attempts FROM orders WHERE id = @Id AND finalize_jws IS NOT NULL", new { Id = id });

    /// <summary>Everything that the signer needs.</summary>
    public static async Task<FinalizedOrder> LoadAsync(
        DbSession session, Order order, byte[] finalizeJws, int attempt, IReadOnlyList<byte[]> keyHistory)
    {
        var statements = await session.ListAsync<StatementRow>(Statements, new { order.Id });
        return new FinalizedOrder
        {
            Order = order,
            FinalizeJws = finalizeJws,
            KeyHistory = keyHistory,
            // An authorization may be for several of the names (RFC 9444).
            Statements = [.. statements.Where(s => s.ChallengeId is not null).Select(s => s.Statement).Distinct(StringComparer.Ordinal)],
            CaaStatements = [.. statements.Where(s => s.ChallengeId is null).Select(s => s.Statement).Distinct(StringComparer.Ordinal)],
            Attempt = attempt,
        };
    }

    private const string Statements =
        """
        SELECT s.statement AS Statement, s.challenge_id AS ChallengeId, n.position AS Position, s.id AS Id
        FROM order_authorizations n
        JOIN authorizations a ON a.id = n.authorization_id AND a.status = 'valid'
        JOIN control_statements s ON s.authorization_id = a.id
        WHERE n.order_id = @Id
        UNION ALL
        SELECT s.statement, NULL, n.position, 0
        FROM order_authorizations n
        JOIN authorizations a ON a.id = n.authorization_id AND a.status = 'valid'
        JOIN caa_statements s ON s.authorization_id = a.id AND s.identifier = n.identifier
        WHERE n.order_id = @Id
        ORDER BY 3, 4
        """;

    private sealed record StatementRow
    {
        public required string Statement { get; init; }

        public ChallengeId? ChallengeId { get; init; }

        public required long Position { get; init; }

        public required long Id { get; init; }
    }

    internal sealed record FinalizeRequest
    {
        public required byte[] Jws { get; init; }

        public required long Attempts { get; init; }
    }
}
