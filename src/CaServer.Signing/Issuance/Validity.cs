using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>From when to when a certificate is valid.</summary>
internal static class Validity
{
    /// <summary>
    /// The period of the profile. A certificate that would outlive its issuer is refused rather than shortened: a silently
    /// shorter one surprises the subscriber, and an issuer that near to its end should have been replaced.
    /// </summary>
    /// <exception cref="RefusedException"><see cref="RefusalReason.OutsideIssuerValidity"/>.</exception>
    internal static ValidityPeriod Of(CertificateProfile profile, IssuerCertificate issuer, DateTimeOffset now)
    {
        if (now < issuer.NotBefore)
            throw Outside($"The issuing CA is valid only from {issuer.NotBefore:u} on; the operator must check the clock.");
        var period = profile.PeriodAt(now, issuer);
        return period.NotAfter <= issuer.NotAfter
            ? period
            : throw Outside($"The certificate would be valid until {period.NotAfter:u}, but its issuing CA only until {issuer.NotAfter:u}. The operator must renew the issuing CA or shorten the profile's validity.");
    }

    private static RefusedException Outside(string sentence) => new(RefusalReason.OutsideIssuerValidity, sentence);
}
