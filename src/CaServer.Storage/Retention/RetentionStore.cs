using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Deletes what is past its time, in small transactions, so that others wait for none of them long.</summary>
public sealed class RetentionStore(Database database, RetentionSettings settings)
{
    /// <summary>Deletes one batch of each kind; true if there may be more, so that the caller goes on at once.</summary>
    public async Task<bool> DeleteBatchAsync(DateTimeOffset now, CancellationToken ct)
    {
        var nonces = await database.WriteAsync(session => DeleteNoncesAsync(session, now), ct);
        var orders = await DeleteAuthorizationsAsync(session => DeleteOrdersAsync(session, now - settings.Orders), ct);
        var preAuthorized = await DeleteAuthorizationsAsync(session => DeletePreAuthorizedAsync(session, now - settings.Orders), ct);
        var renewals = await database.WriteAsync(session => RenewalStore.DeleteEndedAsync(session, now, settings.EmptyRenewalMoves, settings.Batch), ct);
        var issuances = await database.WriteAsync(session => DeleteIssuancesAsync(session, now - settings.Certificates), ct);
        var control = await database.WriteAsync(session => ControlStore.DeleteEndedAsync(session, now - settings.ControlRequests, settings.Batch), ct);
        var remote = await database.WriteAsync(session => RemoteCheckStore.DeleteEndedAsync(session, now - settings.RemoteChecks, settings.Batch), ct);
        var limits = await DeleteSpentLimitsAsync(now, ct);
        return new[] { nonces, limits, orders, preAuthorized, renewals, control, remote, issuances }.Any(deleted => deleted >= settings.Batch);
    }

    private Task<int> DeleteAuthorizationsAsync(Func<DbSession, Task<int>> statements, CancellationToken ct) =>
        database.Authorizations.ChangeAllAsync(database.WriteAsync(statements, ct));

    private Task<int> DeleteNoncesAsync(DbSession session, DateTimeOffset now) =>
        session.ExecuteAsync(
            "DELETE FROM used_nonces WHERE nonce IN (SELECT nonce FROM used_nonces WHERE expires < @Now ORDER BY expires LIMIT @Batch)",
            new { Now = now, settings.Batch });

    // There is no index on the time, which every order would have to keep up: the rows are looked for by a reader, and nobody waits.
    private async Task<int> DeleteSpentLimitsAsync(DateTimeOffset now, CancellationToken ct)
    {
        var spent = await database.ReadAsync(
            session => session.ListAsync<LimitRow>(
                "SELECT limit_name AS LimitName, key AS Key FROM limit_states WHERE tat < @Now LIMIT @Batch", new { Now = now, settings.Batch }),
            ct);
        if (spent.Count == 0)
            return 0;
        return await database.WriteAsync(
            async session =>
            {
                foreach (var row in spent)
                {
                    await session.ExecuteAsync(
                        "DELETE FROM limit_states WHERE limit_name = @LimitName AND key = @Key AND tat < @Now", new { row.LimitName, row.Key, Now = now });
                }
                return spent.Count;
            },
            ct);
    }

    // Those that no order ever had; the others go with their last order.
    private async Task<int> DeletePreAuthorizedAsync(DbSession session, DateTimeOffset before)
    {
        var authorizations = await session.ListAsync<AuthorizationId>(
            """
            SELECT a.id FROM authorizations a
            WHERE a.pre_authorized AND a.expires < @Before
                AND NOT EXISTS (SELECT 1 FROM order_authorizations n WHERE n.authorization_id = a.id)
            ORDER BY a.expires LIMIT @Batch
            """,
            new { Before = before, settings.Batch });
        foreach (var authorization in authorizations)
            await DeleteIfUnusedAsync(session, authorization);
        return authorizations.Count;
    }

    // An order goes when all it has is past: then its authorizations, which only orders refer to, can go with the last of these.
    private async Task<int> DeleteOrdersAsync(DbSession session, DateTimeOffset before)
    {
        var orders = await session.ListAsync<OrderId>(
            """
            SELECT o.id FROM orders o
            WHERE o.expires < @Before AND o.status <> 'processing' AND NOT EXISTS (
                SELECT 1 FROM order_authorizations n JOIN authorizations a ON a.id = n.authorization_id
                WHERE n.order_id = o.id AND a.expires >= @Before)
            ORDER BY o.expires LIMIT @Batch
            """,
            new { Before = before, settings.Batch });
        foreach (var order in orders)
        {
            var authorizations = await session.ListAsync<AuthorizationId>(
                "DELETE FROM order_authorizations WHERE order_id = @Id RETURNING authorization_id", new { Id = order });
            await session.ExecuteAsync("DELETE FROM orders WHERE id = @Id", new { Id = order });
            foreach (var authorization in authorizations)
                await DeleteIfUnusedAsync(session, authorization);
        }
        return orders.Count;
    }

    private static async Task DeleteIfUnusedAsync(DbSession session, AuthorizationId id)
    {
        var arguments = new { Id = id };
        if (await session.FindAsync<long>("SELECT COUNT(*) FROM order_authorizations WHERE authorization_id = @Id", arguments) > 0)
            return;
        await session.ExecuteAsync("DELETE FROM caa_statements WHERE authorization_id = @Id", arguments);
        await session.ExecuteAsync("DELETE FROM control_statements WHERE authorization_id = @Id", arguments);
        await PerspectiveChecks.DeleteAsync(session, id);
        await session.ExecuteAsync("DELETE FROM challenges WHERE authorization_id = @Id", arguments);
        await session.ExecuteAsync("DELETE FROM authorizations WHERE id = @Id", arguments);
    }

    // A revoked certificate goes with its revocation, which no CRL lists any more.
    private async Task<int> DeleteIssuancesAsync(DbSession session, DateTimeOffset before)
    {
        var arguments = new { Before = before, settings.Batch };
        await session.ExecuteAsync(
            "DELETE FROM revocations WHERE issuance_id IN (SELECT id FROM issuances WHERE not_after < @Before ORDER BY not_after, id LIMIT @Batch)",
            arguments);
        await session.ExecuteAsync(
            "DELETE FROM ocsp_answers WHERE issuance_id IN (SELECT id FROM issuances WHERE not_after < @Before ORDER BY not_after, id LIMIT @Batch)",
            arguments);
        await session.ExecuteAsync(
            "DELETE FROM renewal_moved WHERE issuance_id IN (SELECT id FROM issuances WHERE not_after < @Before ORDER BY not_after, id LIMIT @Batch)",
            arguments);
        return await session.ExecuteAsync(
            "DELETE FROM issuances WHERE id IN (SELECT id FROM issuances WHERE not_after < @Before ORDER BY not_after, id LIMIT @Batch)", arguments);
    }

    private sealed record LimitRow
    {
        public required string LimitName { get; init; }

        public required string Key { get; init; }
    }
}
