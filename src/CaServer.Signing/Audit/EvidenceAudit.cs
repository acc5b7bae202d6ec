using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>
/// Checks a certificate again from its evidence alone, offline: the gate's own code runs as of the time of issuance, and the
/// certificate must be the one that it lets through. The database that both came from is not believed.
/// </summary>
public static class EvidenceAudit
{
    // BR §7.1.2.7: notBefore lies within 48 hours of signing.
    private static readonly TimeSpan s_maxBackdate = TimeSpan.FromHours(48);

    /// <summary>Verifies a certificate.</summary>
    /// <param name="evidence">The evidence kept with it.</param>
    /// <param name="certificate">The certificate, DER.</param>
    /// <param name="settings">The settings as they were at the time: the perspectives' keys of then, the profile, the issuer.</param>
    /// <param name="at">The time of issuance.</param>
    /// <returns>What is wrong; empty if the certificate is justified.</returns>
    public static IReadOnlyList<AuditFinding> Verify(EvidenceBundle evidence, ReadOnlyMemory<byte> certificate, SigningSettings settings, DateTimeOffset at)
    {
        if (!DecodedCertificate.TryDecode(certificate, out var decoded) || !SerialNumber.TryCreate(decoded.Serial.Span, out var serial))
            return [new(AuditFault.NotOurCertificate, "This is not a certificate that this CA could have made.")];
        try
        {
            var request = VerifiedRequest.FromEvidence(evidence, settings, new KeyHistoryCache(settings.Urls), at);
            return [.. Compare(decoded, serial, request, settings, at)];
        }
        catch (RefusedException e)
        {
            return [new(AuditFault.EvidenceRefused, e.Message, e.Reason)];
        }
    }

    private static IEnumerable<AuditFinding> Compare(
        DecodedCertificate certificate, SerialNumber serial, VerifiedRequest request, SigningSettings settings, DateTimeOffset at)
    {
        var issuer = settings.Issuer;
        if (!issuer.Certificate.Verifies(certificate.Parts))
            yield return new(AuditFault.NotOurCertificate, "The certificate is not signed by the issuing CA.");
        if (certificate.NotBefore > at || at - certificate.NotBefore > s_maxBackdate)
            yield return new(AuditFault.TimeDiffers, $"The certificate's validity begins at {certificate.NotBefore:u}, which does not fit an issuance at {at:u}.");
        foreach (var fault in CertificateLint.Check(certificate.Der, issuer.Certificate, request.Profile, at).Where(f => f.Severity == LintSeverity.Error))
            yield return new(AuditFault.LintFailed, fault.ToString());

        var tbs = PreparedCertificate.Encode(request, issuer, settings.StatusUrls, serial, new ValidityPeriod(certificate.NotBefore, certificate.NotAfter));
        var algorithm = issuer.Key.AlgorithmIdentifier.Span;
        if (!DecodedCertificate.TryDecode(SignedObject.Encode(tbs, algorithm, []), out var justified))
            throw new InvalidOperationException("What was encoded for comparison cannot be decoded.");
        foreach (var difference in CertificateDifference.Between(certificate, justified))
            yield return new(AuditFault.CertificateDiffers, $"The certificate's {difference} is not what the evidence justifies.");
    }
}
