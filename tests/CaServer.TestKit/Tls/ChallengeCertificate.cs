using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Domain;

namespace CaServer.TestKit.Tls;

/// <summary>
/// A certificate as a client makes it for tls-alpn-01 (RFC 8737 §3), except for what a test changes. It is written by hand, since
/// builders of certificates refuse what is wrong.
/// </summary>
public sealed record ChallengeCertificate
{
    public const string SubjectAltNameOid = "2.5.29.17";

    /// <summary>The alternative names: domain names and addresses.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The value of each acmeIdentifier extension, and whether it is critical.</summary>
    public required IReadOnlyList<(bool IsCritical, byte[] Value)> AcmeIdentifiers { get; init; }

    /// <summary>Further extensions that are not critical.</summary>
    public IReadOnlyList<(string Oid, byte[] Value)> Others { get; init; } = [];

    /// <summary>Whether another key than its own signs it.</summary>
    public bool SignedByAnother { get; init; }

    /// <summary>The common name of the issuer; that of the subject if nothing is said.</summary>
    public string Issuer { get; init; } = Subject;

    /// <summary>A key of another kind than P-256.</summary>
    public RSA? RsaKey { get; init; }

    private const string Subject = "acme challenge";

    /// <summary>The right certificate.</summary>
    public static ChallengeCertificate For(string name, string keyAuthorization) => new()
    {
        Names = [name],
        AcmeIdentifiers = [(true, Octets(TlsAlpn01.Digest(keyAuthorization)))],
    };

    /// <summary>A DER OCTET STRING.</summary>
    public static byte[] Octets(byte[] value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(value);
        return writer.Encode();
    }

    /// <summary>Makes it, with its private key.</summary>
    public X509Certificate2 Create()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var another = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signer = SignedByAnother ? another : ec;
        var body = Body(RsaKey?.ExportSubjectPublicKeyInfo() ?? ec.ExportSubjectPublicKeyInfo());
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(body);
            WriteAlgorithm(writer);
            writer.WriteBitString(RsaKey is not null && !SignedByAnother
                ? RsaKey.SignData(body, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                : signer.SignData(body, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }
        using var certificate = X509CertificateLoader.LoadCertificate(writer.Encode());
        return RsaKey is null ? certificate.CopyWithPrivateKey(ec) : certificate.CopyWithPrivateKey(RsaKey);
    }

    private byte[] Body(byte[] publicKey)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                writer.WriteInteger(2);
            writer.WriteInteger(1);
            WriteAlgorithm(writer);
            WriteName(writer, Issuer);
            using (writer.PushSequence())
            {
                writer.WriteUtcTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
                writer.WriteUtcTime(new DateTimeOffset(2045, 1, 1, 0, 0, 0, TimeSpan.Zero));
            }
            WriteName(writer, Subject);
            writer.WriteEncodedValue(publicKey);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3)))
            using (writer.PushSequence())
                WriteExtensions(writer);
        }
        return writer.Encode();
    }

    private void WriteExtensions(AsnWriter writer)
    {
        if (Names.Count > 0)
            WriteExtension(writer, SubjectAltNameOid, false, AlternativeNames());
        foreach (var (isCritical, value) in AcmeIdentifiers)
            WriteExtension(writer, TlsAlpn01.IdentifierOid, isCritical, value);
        foreach (var (oid, value) in Others)
            WriteExtension(writer, oid, false, value);
    }

    private byte[] AlternativeNames()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var name in Names)
            {
                if (IPAddress.TryParse(name, out var address))
                    writer.WriteOctetString(address.GetAddressBytes(), new Asn1Tag(TagClass.ContextSpecific, 7));
                else
                    writer.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, 2));
            }
        }
        return writer.Encode();
    }

    private static void WriteExtension(AsnWriter writer, string oid, bool isCritical, byte[] value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (isCritical)
                writer.WriteBoolean(true);
            writer.WriteOctetString(value);
        }
    }

    private void WriteAlgorithm(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(RsaKey is null ? "1.2.840.10045.4.3.2" : "1.2.840.113549.1.1.11");
            if (RsaKey is not null)
                writer.WriteNull();
        }
    }

    private static void WriteName(AsnWriter writer, string commonName) =>
        writer.WriteEncodedValue(new X500DistinguishedName($"CN={commonName}").RawData);
}
