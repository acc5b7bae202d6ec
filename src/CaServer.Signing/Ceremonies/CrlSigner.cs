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
    // The linter reads a whole CRL; what it looks at does not depend on the signature.
    private static readonly byte[] s_noSignature = new byte[8];

    /// <summary>Signs a short CRL.</summary>
    /// <param name="contents">What it says; its number must be higher than that of any CRL of this issuer and scope before.</param>
    /// <returns>The CRL, DER.</returns>
    /// <exception cref="RefusedException">The linter found a fault, or the signature does not verify.</exception>
    public byte[] Sign(RevocationListContents contents)
    {
        var builder = Begin(contents, contents.Entries.Sum(entry => entry.Length));
        foreach (var entry in contents.Entries)
            builder.Add(entry.Span);
        return Sign(contents, builder).ToArray();
    }

    /// <summary>Begins a CRL whose entries come one after the other.</summary>
    /// <param name="contents">As for <see cref="Sign(RevocationListContents)"/>, without entries.</param>
    /// <param name="entries">How many octets of entries there will be.</param>
    public RevocationListBuilder Begin(RevocationListContents contents, int entries) =>
        new(contents, issuer.Certificate, issuer.Key.AlgorithmIdentifier.Span, entries);

    /// <summary>Signs a CRL that has all its entries.</summary>
    /// <param name="contents">What it was begun with.</param>
    /// <param name="builder">The CRL.</param>
    /// <returns>The CRL, DER, in the builder's memory.</returns>
    /// <exception cref="RefusedException">The linter found a fault, or the signature does not verify.</exception>
    public ReadOnlyMemory<byte> Sign(RevocationListContents contents, RevocationListBuilder builder)
    {
        LintedObject.RequireNoError(RevocationListLint.Check(
            builder.Complete(s_noSignature), issuer.Certificate, scope == CrlScope.CaCertificates, contents.DistributionPoint, contents.DeltaBase, contents.FreshestCrl));
        return builder.Complete(VerifiedSignature.Over(builder.Tbs.Span, issuer.Key, issuer.Certificate));
    }
}
