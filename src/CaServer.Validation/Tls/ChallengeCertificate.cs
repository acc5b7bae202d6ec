using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Domain;

namespace CaServer.Validation.Tls;

/// <summary>What tls-alpn-01 looks at in a certificate (RFC 8737 §3), read strictly from its DER: nothing in it is to be trusted.</summary>
internal sealed record ChallengeCertificate
{
    private const string SubjectAltName = "2.5.29.17";
    private static readonly Asn1Tag s_dnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag s_ipAddress = new(TagClass.ContextSpecific, 7);

    /// <summary>Whether it is its own issuer and its key made the signature.</summary>
    internal required bool IsSelfSigned { get; init; }

    /// <summary>The alternative names as text; one that is neither a name nor an address by its tag.</summary>
    internal required IReadOnlyList<string> Names { get; init; }

    /// <summary>The one alternative name, if it is a domain name or an address.</summary>
    internal required (IdentifierType Type, string Value)? OnlyName { get; init; }

    /// <summary>The acmeIdentifier extensions.</summary>
    internal required IReadOnlyList<(bool IsCritical, byte[] Value)> AcmeIdentifiers { get; init; }

    /// <summary>Reads a certificate; null if it is not readable.</summary>
    internal static ChallengeCertificate? Read(byte[] der)
    {
        try
        {
            return ReadStrictly(der);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The 32 octets that an acmeIdentifier extension holds; null if it holds something else.</summary>
    internal static byte[]? DigestOf(byte[] extensionValue)
    {
        try
        {
            var digest = AsnDecoder.ReadOctetString(extensionValue, AsnEncodingRules.DER, out var consumed);
            return consumed == extensionValue.Length && digest.Length == SHA256.HashSizeInBytes ? digest : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    // RFC 5280 §4.1.
    private static ChallengeCertificate ReadStrictly(byte[] der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var certificate = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var signed = certificate.PeekEncodedValue();
        var body = certificate.ReadSequence();
        var algorithm = certificate.ReadSequence().ReadObjectIdentifier();
        var signature = certificate.ReadBitString(out _);
        certificate.ThrowIfNotEmpty();

        var version = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        if (body.PeekTag() == version)
            body.ReadSequence(version);
        body.ReadIntegerBytes();
        body.ReadSequence();
        var issuer = body.ReadEncodedValue();
        body.ReadSequence();
        var subject = body.ReadEncodedValue();
        body.ReadSequence();
        var extensions = Extensions(body);

        var names = extensions.Where(e => e.Oid == SubjectAltName).SelectMany(e => NamesOf(e.Value)).ToList();
        return new ChallengeCertificate
        {
            IsSelfSigned = issuer.Span.SequenceEqual(subject.Span) && IsSignedByItself(der, algorithm, signed.Span, signature),
            Names = names.ConvertAll(n => Printable.Of(n.Value)),
            OnlyName = names is [{ Type: { } type } only] ? (type, only.Value) : null,
            AcmeIdentifiers = [.. extensions.Where(e => e.Oid == TlsAlpn01.IdentifierOid).Select(e => (e.IsCritical, e.Value))],
        };
    }

    private static List<(string Oid, bool IsCritical, byte[] Value)> Extensions(AsnReader body)
    {
        var found = new List<(string, bool, byte[])>();
        var tag = new Asn1Tag(TagClass.ContextSpecific, 3, isConstructed: true);
        while (body.HasData)
        {
            if (body.PeekTag() != tag)
            {
                body.ReadEncodedValue();
                continue;
            }
            for (var list = body.ReadSequence(tag).ReadSequence(); list.HasData;)
            {
                var extension = list.ReadSequence();
                found.Add((
                    extension.ReadObjectIdentifier(),
                    extension.PeekTag() == Asn1Tag.Boolean && extension.ReadBoolean(),
                    extension.ReadOctetString()));
                extension.ThrowIfNotEmpty();
            }
        }
        return found;
    }

    private static IEnumerable<(IdentifierType? Type, string Value)> NamesOf(byte[] extensionValue)
    {
        var reader = new AsnReader(extensionValue, AsnEncodingRules.DER);
        var list = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        while (list.HasData)
        {
            var tag = list.PeekTag();
            if (tag == s_dnsName)
            {
                yield return (IdentifierType.Dns, list.ReadCharacterString(UniversalTagNumber.IA5String, s_dnsName).ToLowerInvariant());
            }
            else if (tag == s_ipAddress && list.ReadOctetString(s_ipAddress) is { Length: 4 or 16 } octets)
            {
                yield return (IdentifierType.Ip, new IPAddress(octets).ToString());
            }
            else
            {
                if (tag != s_ipAddress)
                    list.ReadEncodedValue();
                yield return (null, $"another kind of name [{tag.TagValue}]");
            }
        }
    }

    private static bool IsSignedByItself(byte[] der, string algorithm, ReadOnlySpan<byte> signed, byte[] signature)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(der);
        using var ec = certificate.GetECDsaPublicKey();
        using var rsa = certificate.GetRSAPublicKey();
        return algorithm switch
        {
            "1.2.840.10045.4.3.2" => Verifies(ec, signed, signature, HashAlgorithmName.SHA256),
            "1.2.840.10045.4.3.3" => Verifies(ec, signed, signature, HashAlgorithmName.SHA384),
            "1.2.840.10045.4.3.4" => Verifies(ec, signed, signature, HashAlgorithmName.SHA512),
            "1.2.840.113549.1.1.11" => Verifies(rsa, signed, signature, HashAlgorithmName.SHA256),
            "1.2.840.113549.1.1.12" => Verifies(rsa, signed, signature, HashAlgorithmName.SHA384),
            "1.2.840.113549.1.1.13" => Verifies(rsa, signed, signature, HashAlgorithmName.SHA512),
            // Others are not seen from ACME clients, and SHA-1 is not relied on.
            _ => false,
        };
    }

    private static bool Verifies(ECDsa? key, ReadOnlySpan<byte> signed, byte[] signature, HashAlgorithmName hash) =>
        key?.VerifyData(signed, signature, hash, DSASignatureFormat.Rfc3279DerSequence) == true;

    private static bool Verifies(RSA? key, ReadOnlySpan<byte> signed, byte[] signature, HashAlgorithmName hash) =>
        key?.VerifyData(signed, signature, hash, RSASignaturePadding.Pkcs1) == true;
}
