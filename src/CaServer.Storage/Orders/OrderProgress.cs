using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Moves the orders of an authorization along with it, in the same transaction (RFC 8555 §7.1.6).</summary>
internal static class OrderProgress
{
    /// <summary>Recomputes each pending order that has the authorization.</summary>
    /// <param name="session">The transaction that has changed the authorization.</param>
    /// <param name="authorization">The authorization.</param>
    /// <param name="error">What to give an order as its error if it becomes invalid.</param>
    public static async Task FollowAsync(DbSession session, AuthorizationId authorization, AcmeProblem? error)
    {
        // Locks the orders on PostgreSQL before their authorizations are looked at. Without that, two transactions that each
        // finish one of two authorizations would each see the other's still pending, and the order would stay pending for ever.
        var orders = await session.ListAsync<OrderId>(
            """
            UPDATE orders SET status = 'pending'
            WHERE status = 'pending' AND id IN (SELECT order_id FROM order_authorizations WHERE authorization_id = @Id)
            RETURNING id
            """,
            new { Id = authorization });
        foreach (var order in orders)
        {
            var statuses = await session.ListAsync<AuthorizationStatus>(
                """
                SELECT a.status FROM order_authorizations n JOIN authorizations a ON a.id = n.authorization_id
                WHERE n.order_id = @Id
                """,
                new { Id = order });
            var status = Order.StatusFrom(statuses);
            if (status == OrderStatus.Pending)
                continue;
            await session.ExecuteAsync(
                "UPDATE orders SET status = @Status, error = @Error WHERE id = @Id AND status = 'pending'",
                new { Id = order, Status = status, Error = status == OrderStatus.Invalid && error is not null ? Columns.Of(error) : null });
        }
    }

    /// <summary>Ends each order that has the authorization and was not finalized.</summary>
    public static Task<int> EndAsync(DbSession session, AuthorizationId authorization, AcmeProblem error) =>
        session.ExecuteAsync(
            """
            UPDATE orders SET status = 'invalid', error = @Error
            WHERE status IN ('pending', 'ready') AND id IN (SELECT order_id FROM order_authorizations WHERE authorization_id = @Id)
            """,
            new { Id = authorization, Error = Columns.Of(error) });
}
