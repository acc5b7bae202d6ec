using CaServer.Domain;
using CaServer.Signing;
using CaServer.Storage;
using StoredLeaf = CaServer.Storage.LogLeaf;

namespace CaServer.Workers;

/// <summary>Keeps the signing core's journal in the database.</summary>
/// <param name="issuances">The store.</param>
/// <param name="instance">Who holds the lease on an order that becomes processing with its record; null where no orders are signed for.</param>
/// <param name="clock">The time.</param>
/// <param name="stored">What the leaf of a stored certificate is about: an order's, or the server's own.</param>
/// <param name="queue">Knows what an order's certificate counts against.</param>
internal sealed class IssuanceJournal(IssuanceStore issuances, InstanceId? instance, TimeProvider clock, LogLeafKind stored, SigningQueue? queue = null) : IIssuanceJournal
{
    public async Task<IssuanceId> RecordAsync(IssuanceRecord record, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await issuances.RecordAsync(
            new NewIssuance
            {
                Order = record.Order is { } order ? new OrderId(order) : null,
                Finalization = record.FinalizeJws is { } jws && instance is { } owner
                    ? new Finalization(jws, new Lease(owner, now + SigningQueue.LeaseTime), now) { Limits = queue?.LimitsOf(new OrderId(record.Order!.Value)) ?? [] }
                    : null,
                Serial = record.Serial,
                Issuer = record.Issuer,
                Profile = record.Profile,
                Names = record.Names,
                NotBefore = record.NotBefore,
                NotAfter = record.NotAfter,
                Tbs = record.Tbs,
                Evidence = record.Evidence,
                RecordedAt = now,
                CrlShard = record.CrlShard,
            },
            cancellationToken)
        ?? throw new InvalidOperationException($"Nothing may be signed for order {record.Order}: it is not processing, was finalized with another request, has an issuance already, or the serial number was used before.");
    }

    public async Task StoreAsync(IssuanceId id, byte[] certificate, byte[] logLeaf, CancellationToken cancellationToken)
    {
        if (!await issuances.CompleteAsync(id, certificate, Leaf(stored, logLeaf), cancellationToken))
            throw new InvalidOperationException($"Issuance {id.Value} was abandoned before its certificate could be stored.");
    }

    public async Task AbandonAsync(IssuanceId id, byte[] logLeaf, CancellationToken cancellationToken)
    {
        if (!await issuances.AbandonAsync(id, Leaf(LogLeafKind.Abandoned, logLeaf), cancellationToken))
            throw new InvalidOperationException($"Issuance {id.Value} is not merely recorded any more and cannot be abandoned.");
    }

    /// <summary>Abandons what an earlier process recorded for an order, or for the server itself, and left without a certificate.</summary>
    /// <returns>Their serial numbers, which will not be used again.</returns>
    public Task<IReadOnlyList<SerialNumber>> AbandonLeftoversAsync(OrderId? order, CancellationToken cancellationToken) =>
        issuances.AbandonRecordedAsync(
            order,
            left => Leaf(LogLeafKind.Abandoned, Signing.LogLeaf.LeftBehind(order?.Value, left, clock.GetUtcNow())),
            cancellationToken);

    /// <summary>A leaf as the database keeps it.</summary>
    public StoredLeaf Leaf(LogLeafKind kind, byte[] body) => new(WireName.Of(kind), clock.GetUtcNow(), body);
}
