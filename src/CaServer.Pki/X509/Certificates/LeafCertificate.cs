using System.Formats.Asn1;
using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>Encodes subscriber certificates (BR §7.1.2.7).</summary>
public static class LeafCertificate
{
    // X.520 ub-common-name. A longer name stands in the subjectAltName only.
    private const int MaxCommonNameLength = 64;

    // BR §7.1.2.7.11: keyEncipherment only with RSA, whose key exchange is still met with old TLS clients.
    private static readonly byte[] s_rsaKeyUsage =
        ExtensionWriter.Encode(w => ExtensionWriter.WriteKeyUsage(w, KeyUsages.DigitalSignature | KeyUsages.KeyEncipherment));

    private static readonly byte[] s_ecKeyUsage = ExtensionWriter.Encode(w => ExtensionWriter.WriteKeyUsage(w, KeyUsages.DigitalSignature));
    private static readonly byte[] s_extendedKeyUsage = ExtensionWriter.Encode(ExtensionWriter.WriteServerAuth);

    // BR §7.1.2.7.8: MAY. It costs 14 octets and old clients take a certificate without it for one of a CA.
    private static readonly byte[] s_basicConstraints = ExtensionWriter.Encode(ExtensionWriter.WriteNotCa);

    /// <summary>Encodes the part that is signed.</summary>
    /// <param name="contents">What it says.</param>
    /// <param name="issuer">Who signs.</param>
    /// <param name="signatureAlgorithm">The AlgorithmIdentifier that the signature will have, DER.</param>
    /// <exception cref="ArgumentException">There are no names.</exception>
    public static byte[] EncodeTbs(LeafContents contents, IssuerCertificate issuer, ReadOnlySpan<byte> signatureAlgorithm)
    {
        if (contents.Names.Count == 0)
            throw new ArgumentException("A certificate needs at least one name.", nameof(contents));
        var profile = contents.Profile;
        var commonName = profile.HasCommonName ? CommonNameOf(contents.Names) : null;
        var writer = new AsnWriter(AsnEncodingRules.DER, InitialCapacity(contents));
        using (writer.PushSequence())
        {
            TbsWriter.WriteHead(writer, contents.Serial, signatureAlgorithm, issuer.SubjectDer.Span, contents.NotBefore, contents.NotAfter);
            using (writer.PushSequence())
            {
                if (commonName is not null)
                    TbsWriter.WriteAttribute(writer, Oids.CommonName, UniversalTagNumber.UTF8String, commonName);
            }
            writer.WriteEncodedValue(contents.Key.Der.Span);
            using (writer.PushSequence(Asn1Tags.Context(3)))
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(contents.Key.Kind == KeyKind.Rsa ? s_rsaKeyUsage : s_ecKeyUsage);
                writer.WriteEncodedValue(s_extendedKeyUsage);
                writer.WriteEncodedValue(s_basicConstraints);
                writer.WriteEncodedValue(issuer.AuthorityKeyIdentifierExtension);
                ExtensionWriter.WriteAuthorityInfoAccess(writer, contents.CaIssuersUrl, contents.OcspUrl);
                ExtensionWriter.WriteSubjectAltName(writer, contents.Names, critical: commonName is null);
                writer.WriteEncodedValue(profile.CertificatePoliciesExtension);
                if (contents.CrlUrl is { } crlUrl)
                    ExtensionWriter.WriteCrlDistributionPoint(writer, crlUrl);
            }
        }
        return writer.Encode();
    }

    // BR §7.1.4.3: the common name is a copy of one of the subjectAltName values.
    private static string? CommonNameOf(IReadOnlyList<Identifier> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].ToString() is { Length: <= MaxCommonNameLength } name)
                return name;
        }
        return null;
    }

    // Enough for all that is not names, key and URLs; a writer that has to grow copies everything.
    private static int InitialCapacity(LeafContents contents)
    {
        var capacity = 1024 + contents.Key.Der.Length;
        for (var i = 0; i < contents.Names.Count; i++)
            capacity += contents.Names[i].Value.Length + 8;
        return capacity;
    }
}
