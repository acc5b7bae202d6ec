using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.Storage;

namespace CaServer.Status;

/// <summary>Makes the issuing CA's CRL and stores it.</summary>
internal sealed class CrlPublisher(IssuingCa issuer, IssuerStore issuers, RevocationStore revocations, TimeProvider clock)
{
    /// <summary>A CRL older than this is replaced by a newer one.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    /// <summary>How long a CRL is valid; BR §4.9.7 permits ten days. A week outlasts a long weekend without the HSM.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromDays(7);

    private const int Shard = 0;

    private readonly CrlSigner _signer = new(issuer, CrlScope.SubscriberCertificates);

    /// <summary>Makes and stores a CRL unless the present one is young enough; true if it did.</summary>
    /// <param name="atOnce">A certificate was revoked: make one however young the present one is.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<bool> PublishIfDueAsync(bool atOnce, CancellationToken ct)
    {
        var present = await issuers.FindCrlAsync(issuer.Name, Shard, ct);
        var now = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
        if (!atOnce && present is not null && now < present.ThisUpdate + Interval)
            return false;
        // RFC 5280 §3.3: an entry stays until it was on one CRL after the certificate's end. The present CRL may have been made
        // before that end, so what ended since then is listed once more.
        var entries = await revocations.EntriesAsync(issuer.Name, Shard, present?.ThisUpdate ?? DateTimeOffset.UnixEpoch, ct);
        // RFC 5280 §5.2.3: numbers rise. Seconds since the epoch keep rising also after a database was restored from a backup.
        var number = Math.Max((present?.Number ?? 0) + 1, now.ToUnixTimeSeconds());
        var der = _signer.Sign(new RevocationListContents
        {
            Number = number,
            ThisUpdate = now,
            NextUpdate = now + Validity,
            Entries = [.. entries.Select(e => new ReadOnlyMemory<byte>(e))],
        });
        return await issuers.StoreCrlAsync(
            new StoredCrl { Issuer = issuer.Name, Shard = Shard, Number = number, ThisUpdate = now, NextUpdate = now + Validity, Der = der }, ct);
    }
}
