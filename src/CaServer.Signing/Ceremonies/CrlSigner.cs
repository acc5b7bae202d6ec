using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>What kind of certificates a CRL is about; BR §7.2 lets CA certificates' CRLs live longer.</summary>
public enum CrlScope
{
    /// <summary>Certificates of subscribers.</summary>
    SubscriberCertificates,

    /// <summary>Certificates of CAs, in a root's CRL.</summary>
    CaCertificates,
}

/// <summary>Signs CRLs: encode → lint → sign → verify. Which serial numbers stand in one is the caller's knowledge.</summary>
public sealed class CrlSigner(IssuingCa issuer, CrlScope scope)
{
    /// <summary>Signs a CRL.</summary>
    /// <param name="contents">What it says; its number must be higher than that of any CRL of this issuer and scope before.</param>
    /// <returns>The CRL, DER.</returns>
    /// <exception cref="RefusedException">The linter found a fault, or the signature does not verify.</exception>
    public byte[] Sign(RevocationListContents contents)
    {
        var tbs = RevocationList.EncodeTbs(contents, issuer.Certificate, issuer.Key.AlgorithmIdentifier.Span);
        LintedObject.Require(tbs, issuer.LintKey, der => RevocationListLint.Check(der, issuer.Certificate, scope == CrlScope.CaCertificates, contents.DistributionPoint));
        return VerifiedSignature.Over(tbs, issuer.Key, issuer.Certificate);
    }
}
