using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>Checks CRLs from their DER alone, like <see cref="CertificateLint"/>; signatures are not verified.</summary>
public static class RevocationListLint
{
    private static readonly LintFinding s_notACrl = new("not_a_crl", LintSeverity.Error, "RFC 5280 §5.1", "This is not a DER CRL.");

    /// <summary>Checks a CRL. Time is linear in its size.</summary>
    /// <param name="crl">The CRL, DER.</param>
    /// <param name="issuer">Who issues it.</param>
    /// <param name="coversCaCertificates">Whether it is a root's, which revokes CA certificates.</param>
    /// <param name="distributionPoint">The cRLDistributionPoints URL of the certificates that it covers if it is a shard; null if it covers all.</param>
    /// <param name="deltaBase">The number of the CRL that it is a delta to; null if it is a complete one.</param>
    /// <param name="freshestCrl">Where the deltas to it are; null if there are none.</param>
    public static IReadOnlyList<LintFinding> Check(
        ReadOnlyMemory<byte> crl, IssuerCertificate issuer, bool coversCaCertificates, string? distributionPoint = null, long? deltaBase = null, string? freshestCrl = null) =>
        LintedRevocationList.TryDecode(crl, issuer, new LintedListKind(coversCaCertificates, distributionPoint, deltaBase, freshestCrl), out var decoded)
            ? LintRun.Apply(decoded, PolicyPreset.WebPki, RevocationListRules.All)
            : [s_notACrl];
}
