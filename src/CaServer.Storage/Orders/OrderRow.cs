using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>An order with one of its names; an order of several names is several rows.</summary>
internal sealed record OrderRow
{
    // Identifiers and authorizations of an order never change, so one statement or two would see the same.
    private const string ById =
        """
        SELECT o.id AS Id, o.account_id AS AccountId, o.status AS Status, o.profile AS Profile, o.expires AS Expires,
               o.created_at AS CreatedAt, o.error AS Error, o.certificate_id AS CertificateId, o.replaces AS Replaces,
               n.authorization_id AS AuthorizationId, n.identifier_type AS IdentifierType, n.identifier AS Identifier
        FROM orders o JOIN order_authorizations n ON n.order_id = o.id
        WHERE o.id = @Id ORDER BY n.position
        """;

    public required OrderId Id { get; init; }

    public required AccountId AccountId { get; init; }

    public required OrderStatus Status { get; init; }

    public required string Profile { get; init; }

    public required DateTimeOffset Expires { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public string? Error { get; init; }

    public IssuanceId? CertificateId { get; init; }

    public string? Replaces { get; init; }

    public required AuthorizationId AuthorizationId { get; init; }

    public required IdentifierType IdentifierType { get; init; }

    public required string Identifier { get; init; }

    public static async Task<Order?> FindAsync(DbSession session, OrderId id)
    {
        var rows = await session.ListAsync<OrderRow>(ById, new { Id = id });
        if (rows.Count == 0)
            return null;
        var order = rows[0];
        return new Order
        {
            Id = order.Id,
            AccountId = order.AccountId,
            Status = order.Status,
            Identifiers = [.. rows.Select(r => Columns.Identifier(r.IdentifierType, r.Identifier))],
            Authorizations = [.. rows.Select(r => r.AuthorizationId)],
            Profile = order.Profile,
            Expires = order.Expires,
            CreatedAt = order.CreatedAt,
            Error = Columns.Problem(order.Error),
            Certificate = order.CertificateId,
            Replaces = order.Replaces,
        };
    }
}
