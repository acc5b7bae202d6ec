using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.Storage;
using StoredLeaf = CaServer.Storage.LogLeaf;

namespace CaServer.Status;

/// <summary>
/// The one way to revoke a certificate, whoever asks: the revocation, its CRL entry, its evidence and its log leaf in one
/// transaction; then a new OCSP answer and a CRL are asked for, not made, so that revoking costs the same however long the CRL is.
/// </summary>
internal sealed partial class RevokeCertificate(
    RevocationStore revocations, OcspRequests ocsp, CrlRequests crls, TimeProvider clock, ILogger<RevokeCertificate> log)
{
    /// <summary>Revokes; false if the certificate was revoked before.</summary>
    /// <param name="issuance">An issued certificate.</param>
    /// <param name="reason">Why.</param>
    /// <param name="by">Who asked, for the log: <c>account 1</c>, <c>certificate key</c>, <c>operator</c>.</param>
    /// <param name="evidence">The signed request, or what the operator asked for.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    /// <param name="reportedAt">When the CA learned of the reason; null if the request itself brought it.</param>
    public async Task<bool> RunAsync(
        Issuance issuance, RevocationReason reason, string by, byte[] evidence, CancellationToken cancellationToken, DateTimeOffset? reportedAt = null)
    {
        // CRLs tell whole seconds.
        var now = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
        var revocation = new NewRevocation
        {
            Issuance = issuance.Id,
            Shard = issuance.CrlShard,
            Reason = reason,
            RevokedAt = now,
            ReportedAt = reportedAt,
            CrlEntry = RevocationList.EncodeEntry(issuance.Serial, now, reason),
            Evidence = evidence,
        };
        var leaf = Signing.LogLeaf.Revoked(issuance.Issuer, issuance.Serial, issuance.Certificate, reason, by, evidence, now);
        if (!await revocations.AddAsync(revocation, new StoredLeaf(WireName.Of(LogLeafKind.Revoked), now, leaf), cancellationToken))
            return false;
        ocsp.Ask();
        crls.Ask();
        LogRevoked(issuance.Serial, reason, by);
        return true;
    }

    [LoggerMessage(EventId = 4101, Level = LogLevel.Information, Message = "Certificate {Serial} revoked ({Reason}) at the request of {By}")]
    private partial void LogRevoked(SerialNumber serial, RevocationReason reason, string by);
}
