using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>
/// Checks certificates, after they are built and before they are signed for good, from their DER alone (BR §4.3.1.2). It shares
/// no constants with the encoders, so that a slip there is found here. Signatures are not verified: a certificate may be
/// checked that is signed with a throw-away key.
/// </summary>
public static class CertificateLint
{
    private static readonly LintFinding s_notACertificate =
        new("not_a_certificate", LintSeverity.Error, "RFC 5280 §4.1", "This is not a DER certificate.");

    /// <summary>Checks a subscriber certificate.</summary>
    /// <param name="certificate">The certificate, DER.</param>
    /// <param name="issuer">Who issues it.</param>
    /// <param name="profile">The profile it is made by.</param>
    /// <param name="issuedAt">When it is signed; the calendar of BR §6.3.2 goes by it.</param>
    /// <returns>What was found, errors and warnings, in no particular order; empty if all is well.</returns>
    public static IReadOnlyList<LintFinding> Check(
        ReadOnlyMemory<byte> certificate, IssuerCertificate issuer, CertificateProfile profile, DateTimeOffset issuedAt)
    {
        if (!DecodedCertificate.TryDecode(certificate, out var decoded))
            return [s_notACertificate];
        var subject = new LintedCertificate(decoded, issuer, profile, issuedAt);
        return LintRun.Apply(subject, profile.Preset, CommonRules.All, LeafRules.All, SubjectAltNameRules.All);
    }

    /// <summary>Checks the certificate of a delegated OCSP responder.</summary>
    /// <param name="certificate">The certificate, DER.</param>
    /// <param name="issuer">Who issues it.</param>
    /// <param name="preset">The rules that apply.</param>
    /// <param name="issuedAt">When it is signed.</param>
    public static IReadOnlyList<LintFinding> CheckResponder(
        ReadOnlyMemory<byte> certificate, IssuerCertificate issuer, PolicyPreset preset, DateTimeOffset issuedAt)
    {
        if (!DecodedCertificate.TryDecode(certificate, out var decoded))
            return [s_notACertificate];
        return LintRun.Apply(new LintedCertificate(decoded, issuer, null, issuedAt), preset, CommonRules.All, ResponderRules.All);
    }

    /// <summary>Checks a root certificate.</summary>
    /// <param name="certificate">The certificate, DER.</param>
    /// <param name="preset">The rules that apply.</param>
    /// <param name="issuedAt">When it is signed.</param>
    public static IReadOnlyList<LintFinding> CheckRoot(ReadOnlyMemory<byte> certificate, PolicyPreset preset, DateTimeOffset issuedAt)
    {
        if (!DecodedCertificate.TryDecode(certificate, out var decoded))
            return [s_notACertificate];
        return LintRun.Apply(new LintedCertificate(decoded, null, null, issuedAt), preset, CommonRules.All, CaRules.Root);
    }

    /// <summary>Checks an issuing CA's certificate.</summary>
    /// <param name="certificate">The certificate, DER.</param>
    /// <param name="root">Who issues it.</param>
    /// <param name="preset">The rules that apply.</param>
    /// <param name="issuedAt">When it is signed.</param>
    public static IReadOnlyList<LintFinding> CheckIssuing(
        ReadOnlyMemory<byte> certificate, IssuerCertificate root, PolicyPreset preset, DateTimeOffset issuedAt)
    {
        if (!DecodedCertificate.TryDecode(certificate, out var decoded))
            return [s_notACertificate];
        return LintRun.Apply(new LintedCertificate(decoded, root, null, issuedAt), preset, CommonRules.All, CaRules.Issuing);
    }
}
