using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Moves the orders of an authorization along with it, in the same transaction (RFC 8555 §7.1.6).</summary>
internal static class OrderProgress
{
    /// <summary>Makes each order ready that has the authorization and waited for nothing else.</summary>
    /// <param name="session">The transaction that has made the authorization valid.</param>
    /// <param name="authorization">The authorization.</param>
    public static async Task ProceedAsync(DbSession session, AuthorizationId authorization)
    {
        var arguments = new { Id = authorization };
        // Locks the orders before their authorizations are looked at. Without that, two transactions that each finish one of two
        // authorizations would each see the other's still pending, and the order would stay pending for ever.
        if (session.Dialect.HasManyWriters)
        {
            await session.ExecuteAsync(
                "UPDATE orders SET status = 'pending' WHERE status = 'pending' AND id IN (SELECT order_id FROM order_authorizations WHERE authorization_id = @Id)",
                arguments);
        }
        await session.ExecuteAsync(
            """
            UPDATE orders SET status = 'ready'
            WHERE status = 'pending' AND id IN (SELECT order_id FROM order_authorizations WHERE authorization_id = @Id) AND NOT EXISTS (
                SELECT 1 FROM order_authorizations n JOIN authorizations a ON a.id = n.authorization_id
                WHERE n.order_id = orders.id AND a.status <> 'valid')
            """,
            arguments);
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
