using System.Formats.Asn1;

namespace CaServer.Pki.X509;

/// <summary>Encodes CA certificates (BR §7.1.2.1, §7.1.2.6).</summary>
public static class CaCertificate
{
    /// <summary>
    /// How long a root is valid: fifteen years less the leap days. CRP §1.3 ends the life of a root key after 15 years;
    /// BR §7.1.2.1.1 wants 2922 to 9132 days.
    /// </summary>
    public static readonly TimeSpan RootValidity = TimeSpan.FromDays(15 * 365);

    /// <summary>How long an issuing CA is valid: three years, as CRP §1.3 recommends.</summary>
    public static readonly TimeSpan IssuingValidity = TimeSpan.FromDays(3 * 365);

    private static readonly byte[] s_keyUsage =
        ExtensionWriter.Encode(w => ExtensionWriter.WriteKeyUsage(w, KeyUsages.KeyCertSign | KeyUsages.CrlSign));

    /// <summary>Encodes the part of a root certificate that is signed.</summary>
    /// <param name="contents">What it says.</param>
    /// <param name="signatureAlgorithm">The AlgorithmIdentifier that the signature will have, DER.</param>
    public static byte[] EncodeRootTbs(RootContents contents, ReadOnlySpan<byte> signatureAlgorithm)
    {
        var keyIdentifier = contents.Key.KeyIdentifier.Span;
        var writer = new AsnWriter(AsnEncodingRules.DER, 2048);
        using (writer.PushSequence())
        {
            WriteHead(writer, contents, signatureAlgorithm, contents.Subject.Der.Span);
            using (writer.PushSequence(Asn1Tags.Context(3)))
            using (writer.PushSequence())
            {
                // BR §7.1.2.1.4: pathLen is not recommended. No EKU (must not) and no policies (not recommended) in a root.
                ExtensionWriter.WriteCa(writer, pathLength: null);
                writer.WriteEncodedValue(s_keyUsage);
                ExtensionWriter.WriteSubjectKeyIdentifier(writer, keyIdentifier);
                ExtensionWriter.WriteAuthorityKeyIdentifier(writer, keyIdentifier);
            }
        }
        return writer.Encode();
    }

    /// <summary>Encodes the part of an issuing CA's certificate that is signed.</summary>
    /// <param name="contents">What it says.</param>
    /// <param name="root">Who signs.</param>
    /// <param name="signatureAlgorithm">The AlgorithmIdentifier that the signature will have, DER.</param>
    public static byte[] EncodeIssuingTbs(IssuingContents contents, IssuerCertificate root, ReadOnlySpan<byte> signatureAlgorithm)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER, 2048);
        using (writer.PushSequence())
        {
            WriteHead(writer, contents, signatureAlgorithm, root.SubjectDer.Span);
            using (writer.PushSequence(Asn1Tags.Context(3)))
            using (writer.PushSequence())
            {
                // No CA below this one. Its key signs certificates and CRLs and nothing else: OCSP answers get a key and
                // a certificate of their own, so digitalSignature is left out (BR §7.1.2.10.7).
                ExtensionWriter.WriteCa(writer, pathLength: 0);
                writer.WriteEncodedValue(s_keyUsage);
                // CRP §1.3: CAs disclosed since 2026-06-15 have serverAuth only.
                ExtensionWriter.WriteServerAuth(writer);
                ExtensionWriter.WriteSubjectKeyIdentifier(writer, contents.Key.KeyIdentifier.Span);
                writer.WriteEncodedValue(root.AuthorityKeyIdentifierExtension);
                ExtensionWriter.WriteAuthorityInfoAccess(writer, contents.CaIssuersUrl, ocspUrl: null);
                // BR §7.1.2.10.5: anyPolicy alone, or one reserved OID, which would bind the CA to one kind of validation.
                // The operator of root and issuing CA is the same, so anyPolicy is allowed and the CA can serve every profile.
                ExtensionWriter.WritePolicy(writer, Oids.AnyPolicy);
                ExtensionWriter.WriteCrlDistributionPoint(writer, contents.CrlUrl);
            }
        }
        return writer.Encode();
    }

    private static void WriteHead(AsnWriter writer, RootContents contents, ReadOnlySpan<byte> signatureAlgorithm, ReadOnlySpan<byte> issuer)
    {
        TbsWriter.WriteHead(writer, contents.Serial, signatureAlgorithm, issuer, contents.NotBefore, contents.NotAfter);
        writer.WriteEncodedValue(contents.Subject.Der.Span);
        writer.WriteEncodedValue(contents.Key.Der.Span);
    }
}
