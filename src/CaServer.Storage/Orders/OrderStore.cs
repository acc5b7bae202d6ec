using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>ACME orders.</summary>
public sealed class OrderStore(Database database)
{
    /// <summary>Stores an order with its authorizations and challenges; it is ready at once if all authorizations could be reused.</summary>
    /// <exception cref="AcmeException">rateLimited or alreadyReplaced; nothing is stored, nothing counted.</exception>
    public async Task<Order> CreateAsync(NewOrder order, CancellationToken ct)
    {
        var (created, authorizations) = await database.WriteAsync(
            async session =>
            {
                var made = new List<Authorization>(order.Names.Count);
                var stored = await OrderCreation.RunAsync(session, order, made);
                return (stored, made.ConvertAll(a => (Authorization: a, At: database.Authorizations.Now(a.Id))));
            },
            ct);
        foreach (var (authorization, at) in authorizations)
            database.Authorizations.Keep(authorization, at);
        return created;
    }

    /// <summary>The order with this id.</summary>
    public Task<Order?> FindAsync(OrderId id, CancellationToken ct) => database.ReadAsync(session => OrderRow.FindAsync(session, id), ct);

    /// <summary>The account's orders older than <paramref name="before"/> that are not invalid, newest first (RFC 8555 §7.1.2.1).</summary>
    /// <param name="account">The account.</param>
    /// <param name="before">Only orders with a lower row id; null for the newest.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="ct">Cancels the query.</param>
    public async Task<IReadOnlyList<OrderId>> ListAsync(AccountId account, OrderId? before, int count, CancellationToken ct) =>
        await database.ReadAsync(
            session => session.ListAsync<OrderId>(
                """
                SELECT id FROM orders WHERE account_id = @Account AND id < @Before AND status <> 'invalid'
                ORDER BY id DESC LIMIT @Count
                """,
                new { Account = account, Before = before ?? new OrderId(long.MaxValue), Count = count }),
            ct);

    /// <summary>
    /// Ready → processing, unless the order has run out: stores the finalize request for the signer. False if somebody was
    /// faster or the order is not ready, so that an order is finalized once (RFC 8555 §7.4).
    /// </summary>
    /// <param name="id">The order.</param>
    /// <param name="finalizeJws">The request, byte for byte as received.</param>
    /// <param name="limits">What the certificate counts against; used up in the same transaction.</param>
    /// <param name="lease">Null to leave the order to any signer; otherwise who signs it at once.</param>
    /// <param name="now">Now.</param>
    /// <param name="ct">Cancels before the transaction has begun.</param>
    /// <exception cref="AcmeException">rateLimited; the order stays ready.</exception>
    public Task<bool> BeginFinalizeAsync(
        OrderId id, byte[] finalizeJws, IReadOnlyList<LimitUse> limits, Lease? lease, DateTimeOffset now, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                var won = await BeginFinalizeAsync(session, id, finalizeJws, limits, lease, now);
                if (won && lease is null)
                    await database.TellAsync(session, Notice.Order);
                return won;
            },
            ct);

    /// <summary>Whether the order was finalized with exactly this request.</summary>
    public async Task<bool> IsFinalizedByAsync(OrderId id, byte[] finalizeJws, CancellationToken ct) =>
        await database.ReadAsync(
            session => session.FindAsync<OrderId?>("SELECT id FROM orders WHERE id = @Id AND finalize_jws = @Jws", new { Id = id, Jws = finalizeJws }), ct) is not null;

    internal static async Task<bool> BeginFinalizeAsync(
        DbSession session, OrderId id, byte[] finalizeJws, IReadOnlyList<LimitUse> limits, Lease? lease, DateTimeOffset now)
    {
        var won = await session.SwapAsync(
            """
            UPDATE orders SET status = 'processing', finalize_jws = @Jws, lease_owner = @Owner, lease_until = @Until, attempts = @Attempts
            WHERE id = @Id AND status = 'ready' AND expires > @Now
            """,
            new { Id = id, Jws = finalizeJws, lease?.Owner, lease?.Until, Attempts = lease is null ? 0L : 1L, Now = now });
        if (won)
            await LimitCounting.UseAsync(session, limits, now);
        return won;
    }
}
