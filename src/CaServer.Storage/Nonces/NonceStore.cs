namespace CaServer.Storage;

/// <summary>
/// Nonces that were used, for several instances on one database: a nonce is good once at any of them. A single process keeps
/// them in memory instead.
/// </summary>
public sealed class NonceStore(Database database)
{
    /// <summary>Uses a nonce up; false if it was used before.</summary>
    /// <param name="nonce">What makes the nonce unique.</param>
    /// <param name="expires">When the nonce is refused for its age anyway, so that it can be forgotten.</param>
    /// <param name="ct">Cancels before the transaction has begun.</param>
    public Task<bool> RedeemAsync(byte[] nonce, DateTimeOffset expires, CancellationToken ct) =>
        database.WriteAsync(
            session => session.SwapAsync(
                "INSERT INTO used_nonces (nonce, expires) VALUES (@Nonce, @Expires) ON CONFLICT (nonce) DO NOTHING",
                new { Nonce = nonce, Expires = expires }),
            ct);
}
