using System.Threading.Channels;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.Storage;
using StoredLeaf = CaServer.Storage.LogLeaf;

namespace CaServer.Status;

/// <summary>
/// The one way to revoke a certificate, whoever asks: the revocation, its CRL entry, its evidence and its log leaf in one
/// transaction; then the CRL is asked for, not made, so that revoking costs the same however long the CRL is.
/// </summary>
internal sealed partial class RevokeCertificate(RevocationStore revocations, CrlRequests crls, TimeProvider clock, ILogger<RevokeCertificate> log)
{
    private const int Shard = 0;

    /// <summary>Revokes; false if the certificate was revoked before.</summary>
    /// <param name="issuance">An issued certificate.</param>
    /// <param name="reason">Why.</param>
    /// <param name="by">Who asked, for the log: <c>account 1</c>, <c>certificate key</c>, <c>operator</c>.</param>
    /// <param name="evidence">The signed request.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    public async Task<bool> RunAsync(Issuance issuance, RevocationReason reason, string by, byte[] evidence, CancellationToken cancellationToken)
    {
        // CRLs tell whole seconds.
        var now = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
        var revocation = new NewRevocation
        {
            Issuance = issuance.Id,
            Shard = Shard,
            Reason = reason,
            RevokedAt = now,
            CrlEntry = RevocationList.EncodeEntry(issuance.Serial, now, reason),
            Evidence = evidence,
        };
        var leaf = Signing.LogLeaf.Revoked(issuance.Issuer, issuance.Serial, issuance.Certificate, reason, by, evidence, now);
        if (!await revocations.AddAsync(revocation, new StoredLeaf(WireName.Of(LogLeafKind.Revoked), now, leaf), cancellationToken))
            return false;
        crls.Ask();
        LogRevoked(issuance.Serial, reason, by);
        return true;
    }

    [LoggerMessage(EventId = 4101, Level = LogLevel.Information, Message = "Certificate {Serial} revoked ({Reason}) at the request of {By}")]
    private partial void LogRevoked(SerialNumber serial, RevocationReason reason, string by);
}

/// <summary>Wakes whoever makes CRLs; many requests that come before it wakes are one.</summary>
internal sealed class CrlRequests
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Asks for a new CRL soon.</summary>
    public void Ask() => _channel.Writer.TryWrite(true);

    /// <summary>Waits until one is asked for.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _channel.Reader.ReadAsync(cancellationToken);
}
