using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>Checks OCSP responses from their DER alone, like <see cref="CertificateLint"/>; signatures are not verified.</summary>
public static class OcspResponseLint
{
    private static readonly LintFinding s_notAResponse =
        new("not_an_ocsp_response", LintSeverity.Error, "RFC 6960 §4.2.1", "This is not a DER OCSP response of the basic kind that says something.");

    /// <summary>Checks a successful response.</summary>
    /// <param name="response">The response, DER.</param>
    /// <param name="responder">Who signs it.</param>
    /// <param name="issuer">The CA that it answers for.</param>
    public static IReadOnlyList<LintFinding> Check(ReadOnlyMemory<byte> response, DecodedCertificate responder, IssuerCertificate issuer) =>
        LintedOcspResponse.TryDecode(response, responder, issuer, out var decoded)
            ? LintRun.Apply(decoded, PolicyPreset.WebPki, OcspResponseRules.All)
            : [s_notAResponse];
}
