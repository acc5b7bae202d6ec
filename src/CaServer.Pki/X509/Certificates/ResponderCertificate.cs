using System.Formats.Asn1;
using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>What a delegated OCSP responder's certificate says.</summary>
public sealed record ResponderContents
{
    /// <summary>Its name.</summary>
    public required CaSubject Subject { get; init; }

    /// <summary>Its key.</summary>
    public required SubjectPublicKey Key { get; init; }

    /// <summary>The serial number.</summary>
    public required SerialNumber Serial { get; init; }

    /// <summary>Start of validity, whole seconds.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>End of validity, inclusive, whole seconds.</summary>
    public required DateTimeOffset NotAfter { get; init; }
}

/// <summary>Encodes the certificates of delegated OCSP responders (BR §7.1.2.8).</summary>
public static class ResponderCertificate
{
    private static readonly byte[] s_keyUsage = ExtensionWriter.Encode(w => ExtensionWriter.WriteKeyUsage(w, KeyUsages.DigitalSignature));

    /// <summary>Encodes the part that is signed.</summary>
    /// <param name="contents">What it says.</param>
    /// <param name="issuer">The CA whose certificates the responder answers for.</param>
    /// <param name="signatureAlgorithm">The AlgorithmIdentifier that the signature will have, DER.</param>
    public static byte[] EncodeTbs(ResponderContents contents, IssuerCertificate issuer, ReadOnlySpan<byte> signatureAlgorithm)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER, 1024);
        using (writer.PushSequence())
        {
            TbsWriter.WriteHead(writer, contents.Serial, signatureAlgorithm, issuer.SubjectDer.Span, contents.NotBefore, contents.NotAfter);
            writer.WriteEncodedValue(contents.Subject.Der.Span);
            writer.WriteEncodedValue(contents.Key.Der.Span);
            using (writer.PushSequence(Asn1Tags.Context(3)))
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(s_keyUsage);
                ExtensionWriter.WriteOcspSigning(writer);
                // RFC 6960 §4.2.2.2.1: whoever would ask whether the responder is revoked would ask the responder.
                ExtensionWriter.WriteOcspNoCheck(writer);
                ExtensionWriter.WriteSubjectKeyIdentifier(writer, contents.Key.KeyIdentifier.Span);
                writer.WriteEncodedValue(issuer.AuthorityKeyIdentifierExtension);
            }
        }
        return writer.Encode();
    }
}
