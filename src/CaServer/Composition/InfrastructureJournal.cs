using CaServer.Domain;
using CaServer.Signing;
using CaServer.Storage;
using StoredLeaf = CaServer.Storage.LogLeaf;

namespace CaServer.Composition;

/// <summary>The signing core's journal for the server's own TLS certificates, which belong to no order.</summary>
internal sealed class InfrastructureJournal(IssuanceStore issuances, TimeProvider clock) : IIssuanceJournal
{
    public async Task<IssuanceId> RecordAsync(IssuanceRecord record, CancellationToken cancellationToken) =>
        await issuances.RecordAsync(
            new NewIssuance
            {
                Order = null,
                Serial = record.Serial,
                Issuer = record.Issuer,
                Profile = record.Profile,
                Names = record.Names,
                NotBefore = record.NotBefore,
                NotAfter = record.NotAfter,
                Tbs = record.Tbs,
                Evidence = record.Evidence,
                RecordedAt = clock.GetUtcNow(),
            },
            cancellationToken)
        ?? throw new InvalidOperationException($"The serial number {record.Serial} was used before.");

    public async Task StoreAsync(IssuanceId id, byte[] certificate, byte[] logLeaf, CancellationToken cancellationToken)
    {
        if (!await issuances.CompleteAsync(id, certificate, Leaf(LogLeafKind.Infrastructure, logLeaf), cancellationToken))
            throw new InvalidOperationException($"Issuance {id.Value} was abandoned before its certificate could be stored.");
    }

    // There is at most one such record at a time: one process renews one certificate.
    public Task AbandonAsync(IssuanceId id, byte[] logLeaf, CancellationToken cancellationToken) =>
        issuances.AbandonRecordedAsync(null, _ => Leaf(LogLeafKind.Abandoned, logLeaf), cancellationToken);

    private StoredLeaf Leaf(LogLeafKind kind, byte[] body) => new(WireName.Of(kind), clock.GetUtcNow(), body);
}
