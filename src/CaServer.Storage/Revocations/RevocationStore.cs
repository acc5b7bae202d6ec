using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Revoked certificates. A revocation is never taken back.</summary>
public sealed class RevocationStore(Database database)
{
    /// <summary>
    /// Stores a revocation and its log leaf, and makes the OCSP answer and the CRL shard due, in one transaction. False, and
    /// nothing is changed, if the certificate was revoked before or was never issued.
    /// </summary>
    public Task<bool> AddAsync(NewRevocation revocation, LogLeaf leaf, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                var won = await session.SwapAsync(
                    """
                    INSERT INTO revocations (issuance_id, issuer, shard, not_after, reason, revoked_at, reported_at, crl_entry, evidence)
                    SELECT id, issuer, @Shard, not_after, @Reason, @RevokedAt, @ReportedAt, @CrlEntry, @Evidence
                    FROM issuances WHERE id = @Issuance AND state = 'issued'
                    ON CONFLICT (issuance_id) DO NOTHING
                    """,
                    new
                    {
                        revocation.Issuance,
                        revocation.Shard,
                        revocation.Reason,
                        revocation.RevokedAt,
                        revocation.ReportedAt,
                        revocation.CrlEntry,
                        revocation.Evidence,
                    });
                if (!won)
                    return false;
                await OcspStore.RevokeAsync(session, revocation.Issuance, revocation.RevokedAt, revocation.Reason);
                await CrlStore.CountRevocationAsync(session, revocation.Issuance, revocation.Shard);
                await LogStore.AppendAsync(session, leaf);
                return true;
            },
            ct);

    /// <summary>The revocation of a certificate; null if it is not revoked.</summary>
    public async Task<Revocation?> FindAsync(IssuanceId issuance, CancellationToken ct) =>
        await database.ReadAsync(
            session => session.FindAsync<RevocationRow>(
                "SELECT reason AS Reason, revoked_at AS RevokedAt, reported_at AS ReportedAt FROM revocations WHERE issuance_id = @Id", new { Id = issuance }),
            ct) is { } row
            ? new Revocation(row.Reason, row.RevokedAt, row.ReportedAt)
            : null;

    private sealed record RevocationRow
    {
        public required RevocationReason Reason { get; init; }

        public required DateTimeOffset RevokedAt { get; init; }

        public DateTimeOffset? ReportedAt { get; init; }
    }
}
