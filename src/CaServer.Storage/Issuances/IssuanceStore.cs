using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>
/// Finalized orders and what is signed for them. An issuance is recorded before it is signed, so that there is never a signed
/// certificate without a record; an order has at most one that is not abandoned, so that it is never signed twice.
/// </summary>
public sealed class IssuanceStore(Database database)
{
    private readonly SigningQueue _queue = new(database.Dialect);

    /// <summary>Takes the oldest finalized order that no living process has; null if there is none.</summary>
    public Task<OrderId?> ClaimAsync(Lease lease, DateTimeOffset now, CancellationToken ct) =>
        database.WriteAsync(session => _queue.ClaimAsync(session, lease, now), ct);

    /// <summary>Everything that the signer needs; null if there is no such order or it was not finalized.</summary>
    public async Task<FinalizedOrder?> LoadAsync(OrderId id, CancellationToken ct)
    {
        var (order, request) = await database.ReadAsync(
            async session => (await OrderRow.FindAsync(session, id), await SigningQueue.RequestAsync(session, id)), ct);
        return order is null || request is null ? null : await LoadAsync(order, request.Jws, (int)request.Attempts, ct);
    }

    /// <summary>The same for an order whose finalize request is not stored yet.</summary>
    /// <param name="order">The order as it was when the request came; a change since then shows when it is recorded for.</param>
    /// <param name="finalizeJws">The request, byte for byte as received.</param>
    /// <param name="ct">Cancels the query.</param>
    public Task<FinalizedOrder> LoadAsync(Order order, byte[] finalizeJws, CancellationToken ct) => LoadAsync(order, finalizeJws, attempt: 1, ct);

    private async Task<FinalizedOrder> LoadAsync(Order order, byte[] finalizeJws, int attempt, CancellationToken ct)
    {
        var history = await AccountStore.KeyHistoryAsync(database, order.AccountId, ct);
        return await database.ReadAsync(session => SigningQueue.LoadAsync(session, order, finalizeJws, attempt, history), ct);
    }

    /// <summary>
    /// Stores what is about to be signed. With a <see cref="Finalization"/> a ready order becomes processing in the same
    /// transaction. Null, and nothing may be signed, if the order is not processing, was finalized with another request, has an
    /// issuance that was not abandoned, or the serial was used before.
    /// </summary>
    /// <exception cref="AcmeException">rateLimited: the order stays ready.</exception>
    public Task<IssuanceId?> RecordAsync(NewIssuance issuance, CancellationToken ct) =>
        database.WriteAsync(session => RecordAsync(session, issuance), ct);

    /// <summary>
    /// Recorded → issued with the signed certificate, the order processing → valid, and the log leaf, in one transaction. False
    /// and nothing is changed if the issuance was abandoned meanwhile.
    /// </summary>
    public async Task<bool> CompleteAsync(IssuanceId id, byte[] certificate, LogLeaf leaf, CancellationToken ct)
    {
        var issued = await database.WriteAsync(session => CompleteAsync(session, id, certificate, leaf), ct);
        if (issued is null)
            return false;
        database.Certificates.Keep(id, new IssuedCertificate(issued.AccountId, certificate), database.Certificates.Now(id));
        return true;
    }

    /// <summary>
    /// The signer refuses: order processing → invalid with the error, and the log leaf if the refusal has none yet, in one
    /// transaction. False and nothing is changed if the order is not processing or has a recorded issuance, which must be
    /// abandoned first.
    /// </summary>
    /// <param name="id">The order.</param>
    /// <param name="finalization">The request that finalizes the order, if that may still be ready.</param>
    /// <param name="problem">The error.</param>
    /// <param name="leaf">The log leaf.</param>
    /// <param name="ct">Cancels before the transaction has begun.</param>
    public Task<bool> RefuseAsync(OrderId id, Finalization? finalization, AcmeProblem problem, LogLeaf? leaf, CancellationToken ct) =>
        database.WriteAsync(session => RefuseAsync(session, id, finalization, problem, leaf), ct);

    /// <summary>
    /// Abandons what was recorded for an order and never completed, as after a crash, so that it can be signed anew or refused.
    /// </summary>
    /// <param name="order">The order; null for certificates of the server itself.</param>
    /// <param name="leaf">Makes the log leaf from the serials; called only if there are any.</param>
    /// <param name="ct">Cancels before the transaction has begun.</param>
    /// <returns>The serials, each of which may have been signed and has to be reported.</returns>
    public Task<IReadOnlyList<SerialNumber>> AbandonRecordedAsync(
        OrderId? order, Func<IReadOnlyList<SerialNumber>, LogLeaf> leaf, CancellationToken ct) =>
        database.WriteAsync<IReadOnlyList<SerialNumber>>(
            async session =>
            {
                var serials = await session.ListAsync<SerialNumber>(
                    """
                    UPDATE issuances SET state = 'abandoned'
                    WHERE state = 'recorded' AND order_id IS NOT DISTINCT FROM @Order
                    RETURNING serial
                    """,
                    new { Order = order });
                if (serials.Count > 0)
                    await LogStore.AppendAsync(session, leaf(serials));
                return serials;
            },
            ct);

    /// <summary>
    /// Recorded → abandoned with the log leaf, in one transaction: the signing core gives up on it, having signed nothing that it
    /// will use. False and nothing is changed if it was not recorded any more.
    /// </summary>
    public Task<bool> AbandonAsync(IssuanceId id, LogLeaf leaf, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                var won = await session.SwapAsync("UPDATE issuances SET state = 'abandoned' WHERE id = @Id AND state = 'recorded'", new { Id = id });
                if (won)
                    await LogStore.AppendAsync(session, leaf);
                return won;
            },
            ct);

    /// <summary>The issuance with this id.</summary>
    public async Task<Issuance?> FindAsync(IssuanceId id, CancellationToken ct) =>
        (await database.ReadAsync(
            session => session.FindAsync<IssuanceRow>($"SELECT {IssuanceRow.Columns} FROM issuances WHERE id = @Id", new { Id = id }), ct))?.ToIssuance();

    /// <summary>The certificate of an issuance, DER, and the account that it was issued to; null if none was issued.</summary>
    public Task<IssuedCertificate?> FindCertificateAsync(IssuanceId id, CancellationToken ct) =>
        database.Certificates.FindAsync(
            id,
            async wanted => await database.ReadAsync(
                session => session.FindAsync<CertificateRow>(
                    "SELECT account_id AS AccountId, certificate AS Certificate FROM issuances WHERE id = @Id AND certificate IS NOT NULL", new { Id = wanted }),
                ct)
                is { } row
                ? new IssuedCertificate(row.AccountId, row.Certificate)
                : null);

    /// <summary>The issuance with this serial number.</summary>
    public async Task<Issuance?> FindBySerialAsync(SerialNumber serial, CancellationToken ct) =>
        (await database.ReadAsync(
            session => session.FindAsync<IssuanceRow>($"SELECT {IssuanceRow.Columns} FROM issuances WHERE serial = @Serial", new { Serial = serial }),
            ct))?.ToIssuance();

    /// <summary>What was signed, and why.</summary>
    public async Task<IssuanceEvidence?> EvidenceAsync(IssuanceId id, CancellationToken ct) =>
        await database.ReadAsync(
            session => session.FindAsync<EvidenceRow>("SELECT tbs AS Tbs, evidence AS Evidence FROM issuances WHERE id = @Id", new { Id = id }), ct)
            is { } row
            ? new IssuanceEvidence(row.Tbs, row.Evidence)
            : null;

    private static async Task<IssuanceId?> RecordAsync(DbSession session, NewIssuance issuance)
    {
        if (issuance.Order is { } order && !await TakeAsync(session, order, issuance.Finalization))
            return null;
        var arguments = new
        {
            issuance.Order,
            issuance.Serial,
            issuance.Issuer,
            issuance.Profile,
            Names = Columns.Of(issuance.Names),
            issuance.NotBefore,
            issuance.NotAfter,
            issuance.RecordedAt,
            CrlShard = (long)issuance.CrlShard,
            issuance.Tbs,
            issuance.Evidence,
        };
        return await session.FindAsync<IssuanceId?>(issuance.Order is null ? RecordOwn : RecordForOrder, arguments);
    }

    private static async Task<bool> RefuseAsync(DbSession session, OrderId id, Finalization? finalization, AcmeProblem problem, LogLeaf? leaf)
    {
        if (!await TakeAsync(session, id, finalization))
            return false;
        var won = await session.SwapAsync(
            """
            UPDATE orders SET status = 'invalid', error = @Error, lease_owner = NULL, lease_until = NULL
            WHERE id = @Id AND NOT EXISTS (SELECT 1 FROM issuances i WHERE i.order_id = orders.id AND i.state = 'recorded')
            """,
            new { Id = id, Error = Columns.Of(problem) });
        if (won && leaf is not null)
            await LogStore.AppendAsync(session, leaf);
        return won;
    }

    // An order is either recorded for or refused, never both at the same moment: each takes the row lock first, in a statement of
    // its own, so that on PostgreSQL the next statement sees what the other one did.
    private static async Task<bool> TakeAsync(DbSession session, OrderId id, Finalization? finalization)
    {
        if (finalization is null)
            return await session.SwapAsync("UPDATE orders SET status = 'processing' WHERE id = @Id AND status = 'processing'", new { Id = id });
        var (jws, lease, now) = finalization;
        return await OrderStore.BeginFinalizeAsync(session, id, jws, finalization.Limits, lease, now)
            || await session.SwapAsync(
                "UPDATE orders SET status = 'processing' WHERE id = @Id AND status = 'processing' AND finalize_jws = @Jws", new { Id = id, Jws = jws });
    }

    private static async Task<IssuedRow?> CompleteAsync(DbSession session, IssuanceId id, byte[] certificate, LogLeaf leaf)
    {
        var issued = await session.FindAsync<IssuedRow>(
            """
            UPDATE issuances SET state = 'issued', certificate = @Certificate WHERE id = @Id AND state = 'recorded'
            RETURNING order_id AS OrderId, account_id AS AccountId
            """,
            new { Id = id, Certificate = certificate });
        if (issued is null)
            return null;
        if (issued.OrderId is { } order)
        {
            var won = await session.SwapAsync(
                """
                UPDATE orders SET status = 'valid', certificate_id = @Id, lease_owner = NULL, lease_until = NULL
                WHERE id = @Order AND status = 'processing'
                """,
                new { Id = id, Order = order });
            // A recorded issuance keeps its order in processing; anything else is a broken database, and the record must stay.
            if (!won)
                throw new InvalidOperationException($"The order of issuance {id.Value} is not being processed.");
        }
        await OcspStore.BeginAsync(session, id, leaf.At);
        await LogStore.AppendAsync(session, leaf);
        return issued;
    }

    private const string RecordOwn =
        """
        INSERT INTO issuances (state, serial, issuer, profile, names, not_before, not_after, recorded_at, crl_shard, tbs, evidence)
        VALUES ('recorded', @Serial, @Issuer, @Profile, @Names, @NotBefore, @NotAfter, @RecordedAt, @CrlShard, @Tbs, @Evidence)
        ON CONFLICT DO NOTHING
        RETURNING id
        """;

    private const string RecordForOrder =
        """
        INSERT INTO issuances (state, order_id, account_id, serial, issuer, profile, names, not_before, not_after, recorded_at, crl_shard, tbs, evidence)
        SELECT 'recorded', o.id, o.account_id, @Serial, @Issuer, @Profile, @Names, @NotBefore, @NotAfter, @RecordedAt, @CrlShard, @Tbs, @Evidence
        FROM orders o WHERE o.id = @Order
        ON CONFLICT DO NOTHING
        RETURNING id
        """;

    private sealed record IssuedRow
    {
        public OrderId? OrderId { get; init; }

        public AccountId? AccountId { get; init; }
    }

    private sealed record CertificateRow
    {
        public AccountId? AccountId { get; init; }

        public required byte[] Certificate { get; init; }
    }

    private sealed record EvidenceRow
    {
        public required byte[] Tbs { get; init; }

        public required byte[] Evidence { get; init; }
    }
}
