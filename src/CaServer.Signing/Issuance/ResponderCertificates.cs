using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>
/// Issues the certificates of an issuer's delegated OCSP responder. They go the same way to the token as a subscriber's:
/// prepare → lint → record → sign → verify → store.
/// </summary>
/// <param name="issuer">The issuing CA.</param>
/// <param name="subject">The responder's name.</param>
/// <param name="preset">The rules to make them by.</param>
/// <param name="journal">Where it writes what it does.</param>
public sealed class ResponderCertificates(IssuingCa issuer, CaSubject subject, PolicyPreset preset, IIssuanceJournal journal)
{
    /// <summary>The name that stands where a subscriber's certificate has its profile.</summary>
    public const string Profile = "ocsp-responder";

    /// <summary>How long such a certificate is valid: it cannot be revoked, and is renewed without anybody's doing (RFC 6960 §4.2.2.2.1).</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromDays(30);

    private readonly RecordedSigning _signing = new(journal);

    /// <summary>Issues a certificate for a key that the signer holds; a refusal has no log leaf, the operator is told at once.</summary>
    /// <param name="key">The responder's key.</param>
    /// <param name="now">The time of issuance.</param>
    /// <param name="cancellationToken">Gives up before anything is recorded.</param>
    public async Task<IssuanceResult> IssueAsync(SigningKey key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        PreparedCertificate prepared;
        try
        {
            prepared = PreparedCertificate.PrepareResponder(subject, key, issuer, preset, Validity, now);
        }
        catch (RefusedException e)
        {
            return new IssuanceResult.Refused(e.Reason, e.Message, LogLeaf: null);
        }
        return await _signing.FinishAsync(prepared, LogLeaf.Infrastructure, now, cancellationToken);
    }
}
