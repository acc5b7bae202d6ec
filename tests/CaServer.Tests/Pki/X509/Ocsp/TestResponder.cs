using System.Formats.Asn1;
using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Tests.Pki.X509.Ocsp;

/// <summary>An OCSP responder of the <see cref="TestCa"/>, and requests as clients write them.</summary>
internal sealed class TestResponder
{
    internal static readonly DateTimeOffset Now = TestCa.Shared.Now;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal TestResponder()
    {
        Contents = new ResponderContents
        {
            Subject = new CaSubject("CN", "Example Trust", "Example TLS Issuing I1 OCSP"),
            Key = TestKeys.Read(_key),
            Serial = SerialNumber.Generate(),
            NotBefore = Now.AddHours(-1),
            NotAfter = Now.AddHours(-1).AddDays(30).AddSeconds(-1),
        };
        Der = Certificate(Contents);
        Template = new OcspTemplate(Issuer, Der);
    }

    // Before the responder, which it is made with.
    internal static OcspIssuer Issuer { get; } = new(TestCa.Shared.Issuer);

    internal static TestResponder Shared { get; } = new();

    internal ResponderContents Contents { get; }

    internal byte[] Der { get; }

    internal OcspTemplate Template { get; }

    internal static byte[] Certificate(ResponderContents contents) =>
        TestCa.Shared.SignAsIssuing(ResponderCertificate.EncodeTbs(contents, TestCa.Shared.Issuer, TestCa.Shared.Issuer.SignatureAlgorithm.Der.Span));

    internal byte[] Sign(byte[] tbs) => _key.SignData(tbs, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    internal byte[] Response(IReadOnlyList<OcspSingle> singles, ReadOnlyMemory<byte>? nonce = null, DateTimeOffset? producedAt = null)
    {
        var tbs = OcspResponse.EncodeTbs(singles, OcspIssuer.KeyHash(Contents.Key), producedAt ?? Now, nonce);
        return OcspResponse.Encode(tbs, SignatureAlgorithm.OfIssuer(KeyKind.P256).Der.Span, Sign(tbs), Der);
    }

    internal static OcspSingle Single(OcspStatus status = OcspStatus.Good, RevocationReason reason = RevocationReason.Unspecified) => new()
    {
        CertId = Issuer.EncodeCertId(OcspHash.Sha1, SerialNumber.Generate()),
        Status = status,
        RevokedAt = Now.AddMinutes(-3),
        Reason = reason,
        ThisUpdate = Now,
        NextUpdate = Now.AddDays(4),
    };

    /// <summary>A request; each part is DER, or nothing.</summary>
    internal static byte[] Request(byte[] certIds, byte[]? nonceExtension = null, byte[]? before = null, byte[]? after = null)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                Write(writer, before);
                using (writer.PushSequence())
                    Write(writer, certIds);
                if (nonceExtension is not null)
                {
                    using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2)))
                    using (writer.PushSequence())
                        Write(writer, nonceExtension);
                }
            }
            Write(writer, after);
        }
        return writer.Encode();
    }

    /// <summary>Request elements, one for each CertID.</summary>
    internal static byte[] Items(params IEnumerable<byte[]> certIds) => [.. certIds.SelectMany(id => Wrap(id))];

    internal static byte[] Extension(string oid, byte[] value, bool critical = false)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (critical)
                writer.WriteBoolean(true);
            writer.WriteOctetString(value);
        }
        return writer.Encode();
    }

    internal static byte[] Nonce(int length)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(new byte[length]);
        return Extension("1.3.6.1.5.5.7.48.1.2", writer.Encode());
    }

    internal static byte[] Wrap(ReadOnlySpan<byte> content)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
            writer.WriteEncodedValue(content);
        return writer.Encode();
    }

    private static void Write(AsnWriter writer, byte[]? values)
    {
        for (ReadOnlySpan<byte> rest = values; !rest.IsEmpty;)
        {
            AsnDecoder.ReadEncodedValue(rest, AsnEncodingRules.BER, out _, out _, out var consumed);
            writer.WriteEncodedValue(rest[..consumed]);
            rest = rest[consumed..];
        }
    }
}
