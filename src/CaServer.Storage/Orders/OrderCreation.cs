using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Stores a new order with its authorizations and challenges.</summary>
internal static class OrderCreation
{
    /// <summary>Stores the order.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="order">The order.</param>
    /// <param name="made">Gets the authorizations that had to be made.</param>
    public static async Task<Order> RunAsync(DbSession session, NewOrder order, List<Authorization> made)
    {
        if (order.Replaces is { } replaced)
            await RequireUnreplacedAsync(session, replaced);
        await LimitCounting.UseAsync(session, order.Limits.Uses, order.CreatedAt);
        await LimitCounting.RequireRoomAsync(session, order.Limits.MustHaveRoom, order.CreatedAt);
        var authorizations = new List<AuthorizationId>(order.Names.Count);
        var statuses = new List<AuthorizationStatus>(order.Names.Count);
        var domains = new Dictionary<Identifier, AuthorizationId>();
        foreach (var name in order.Names)
        {
            var reused = order.ReuseValidUntil is { } until ? await ReuseAsync(session, order, name.Identifier, until) : null;
            authorizations.Add(reused ?? await AuthorizationForAsync(session, order, name, domains, made));
            statuses.Add(reused is null ? AuthorizationStatus.Pending : AuthorizationStatus.Valid);
        }
        var created = statuses.Count(s => s == AuthorizationStatus.Pending);
        if (created > 0 && order.Limits.MaxPending is { } max)
            await LimitCounting.RequirePendingRoomAsync(session, order.AccountId, max, order.CreatedAt);
        var status = Order.StatusFrom(statuses);
        var id = await InsertAsync(session, order, status);
        for (var i = 0; i < authorizations.Count; i++)
            await LinkAsync(session, id, i, authorizations[i], order.Names[i].Identifier);
        return new Order
        {
            Id = id,
            AccountId = order.AccountId,
            Status = status,
            Identifiers = [.. order.Names.Select(n => n.Identifier)],
            Authorizations = authorizations,
            Profile = order.Profile,
            Expires = Columns.Whole(order.Expires),
            CreatedAt = Columns.Whole(order.CreatedAt),
            Replaces = order.Replaces?.Identifier,
        };
    }

    // RFC 9773 §5: a certificate is replaced once. The unique index stands behind this for two orders at one moment.
    private static async Task RequireUnreplacedAsync(DbSession session, Replacement replaced)
    {
        var other = await session.FindAsync<OrderId?>(
            "SELECT id FROM orders WHERE replaces_id = @Certificate AND status <> 'invalid' LIMIT 1", new { replaced.Certificate });
        if (other is not null)
            throw new AcmeException(ProblemType.AlreadyReplaced, "The certificate that \"replaces\" names was replaced by another order already; leave \"replaces\" off.");
    }

    private static Task<AuthorizationId?> ReuseAsync(DbSession session, NewOrder order, Identifier identifier, DateTimeOffset until) =>
        AuthorizationCreation.ReuseAsync(
            session, order.AccountId, identifier, order.ReuseFromDomains, until, order.ReuseProvedSince, AuthorizationCreation.ListOf(order.ReusableMethods));

    // Several names may be proved by one domain; that is proved once.
    private static async Task<AuthorizationId> AuthorizationForAsync(
        DbSession session, NewOrder order, NewAuthorization name, Dictionary<Identifier, AuthorizationId> domains, List<Authorization> made)
    {
        if (name.Domain is not { } domain)
            return await CreateAsync(name.Identifier, namesBelow: false);
        if (!domains.TryGetValue(domain, out var id))
            domains.Add(domain, id = await CreateAsync(domain, namesBelow: true));
        return id;

        async Task<AuthorizationId> CreateAsync(Identifier identifier, bool namesBelow)
        {
            made.Add(await AuthorizationCreation.RunAsync(
                session, order.AccountId, identifier, namesBelow, preAuthorized: false, order.AuthorizationExpires, name.Challenges));
            return made[^1].Id;
        }
    }

    private static Task<OrderId> InsertAsync(DbSession session, NewOrder order, OrderStatus status) =>
        session.FindAsync<OrderId>(
            """
            INSERT INTO orders (account_id, status, profile, created_at, expires, attempts, replaces, replaces_id)
            VALUES (@AccountId, @Status, @Profile, @CreatedAt, @Expires, 0, @Replaces, @ReplacesId)
            RETURNING id
            """,
            new
            {
                order.AccountId,
                Status = status,
                order.Profile,
                order.CreatedAt,
                order.Expires,
                Replaces = order.Replaces?.Identifier,
                ReplacesId = order.Replaces?.Certificate,
            });

    private static Task<int> LinkAsync(DbSession session, OrderId order, long position, AuthorizationId authorization, Identifier identifier) =>
        session.ExecuteAsync(
            """
            INSERT INTO order_authorizations (order_id, position, authorization_id, identifier_type, identifier)
            VALUES (@Order, @Position, @Authorization, @Type, @Value)
            """,
            new { Order = order, Position = position, Authorization = authorization, identifier.Type, Value = identifier.ToString() });
}
