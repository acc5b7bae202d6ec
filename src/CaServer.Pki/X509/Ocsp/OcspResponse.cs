using System.Formats.Asn1;
using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>What OCSP says about a certificate.</summary>
public enum OcspStatus
{
    /// <summary>Issued and not revoked.</summary>
    Good,

    /// <summary>Revoked.</summary>
    Revoked,

    /// <summary>Never issued. BR §4.9.10: such a certificate must not be called good.</summary>
    Unknown,
}

/// <summary>What a response says about one certificate (RFC 6960 §4.2.1).</summary>
public sealed record OcspSingle
{
    /// <summary>The CertID, DER.</summary>
    public required ReadOnlyMemory<byte> CertId { get; init; }

    /// <summary>The status.</summary>
    public required OcspStatus Status { get; init; }

    /// <summary>When it was revoked, whole seconds; only with <see cref="OcspStatus.Revoked"/>.</summary>
    public DateTimeOffset RevokedAt { get; init; }

    /// <summary>Why; unspecified is left out, as in CRLs.</summary>
    public RevocationReason Reason { get; init; }

    /// <summary>Since when this is known, whole seconds.</summary>
    public required DateTimeOffset ThisUpdate { get; init; }

    /// <summary>When more will be known at the latest, whole seconds.</summary>
    public required DateTimeOffset NextUpdate { get; init; }
}

/// <summary>Encodes OCSP responses (RFC 6960 §4.2, RFC 9919 §3.2).</summary>
public static class OcspResponse
{
    private const string Basic = "1.3.6.1.5.5.7.48.1.1";
    private const string NonceOid = "1.3.6.1.5.5.7.48.1.2";

    /// <summary>The request could not be read.</summary>
    public static ReadOnlyMemory<byte> MalformedRequest { get; } = Error(1);

    /// <summary>The responder failed.</summary>
    public static ReadOnlyMemory<byte> InternalError { get; } = Error(2);

    /// <summary>The responder cannot answer now.</summary>
    public static ReadOnlyMemory<byte> TryLater { get; } = Error(3);

    /// <summary>The responder has no say about the certificate (RFC 9919 §3.2.3).</summary>
    public static ReadOnlyMemory<byte> Unauthorized { get; } = Error(6);

    /// <summary>Encodes ResponseData, the part that is signed.</summary>
    /// <param name="singles">What is said, in the order of the request.</param>
    /// <param name="responderKeyHash">See <see cref="OcspIssuer.KeyHash"/>.</param>
    /// <param name="producedAt">The time of signing, whole seconds.</param>
    /// <param name="nonce">The request's nonce, which the response repeats; null if it had none.</param>
    public static byte[] EncodeTbs(
        IReadOnlyList<OcspSingle> singles, ReadOnlySpan<byte> responderKeyHash, DateTimeOffset producedAt, ReadOnlyMemory<byte>? nonce)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER, 512);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(Asn1Tags.Context(2)))
                writer.WriteOctetString(responderKeyHash);
            WriteTime(writer, producedAt);
            using (writer.PushSequence())
            {
                foreach (var single in singles)
                    WriteSingle(writer, single);
            }
            if (nonce is { } octets)
                WriteNonce(writer, octets.Span);
        }
        return writer.Encode();
    }

    /// <summary>Joins the parts to a successful response.</summary>
    /// <param name="tbs">What was signed.</param>
    /// <param name="signatureAlgorithm">The AlgorithmIdentifier, DER.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="certificate">The responder's certificate, DER: without it clients could not verify (RFC 9919 §3.2.1).</param>
    public static byte[] Encode(ReadOnlySpan<byte> tbs, ReadOnlySpan<byte> signatureAlgorithm, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> certificate)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER, 1024 + tbs.Length + certificate.Length);
        using (writer.PushSequence())
        {
            writer.WriteEnumeratedValue(OcspResponseStatus.Successful);
            using (writer.PushSequence(Asn1Tags.Context(0)))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Basic);
                using (writer.PushOctetString())
                using (writer.PushSequence())
                {
                    writer.WriteEncodedValue(tbs);
                    writer.WriteEncodedValue(signatureAlgorithm);
                    writer.WriteBitString(signature);
                    using (writer.PushSequence(Asn1Tags.Context(0)))
                    using (writer.PushSequence())
                        writer.WriteEncodedValue(certificate);
                }
            }
        }
        return writer.Encode();
    }

    private static void WriteSingle(AsnWriter writer, OcspSingle single)
    {
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(single.CertId.Span);
            switch (single.Status)
            {
                case OcspStatus.Good:
                    writer.WriteNull(Asn1Tags.Context(0));
                    break;
                case OcspStatus.Revoked:
                    WriteRevoked(writer, single);
                    break;
                case OcspStatus.Unknown:
                    writer.WriteNull(Asn1Tags.Context(2));
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(single));
            }
            WriteTime(writer, single.ThisUpdate);
            using (writer.PushSequence(Asn1Tags.Context(0)))
                WriteTime(writer, single.NextUpdate);
        }
    }

    // BR §7.3.1: the reason stands here and never in an extension.
    private static void WriteRevoked(AsnWriter writer, OcspSingle single)
    {
        using (writer.PushSequence(Asn1Tags.Context(1)))
        {
            WriteTime(writer, single.RevokedAt);
            if (single.Reason != RevocationReason.Unspecified)
            {
                using (writer.PushSequence(Asn1Tags.Context(0)))
                    writer.WriteEnumeratedValue(single.Reason);
            }
        }
    }

    private static void WriteNonce(AsnWriter writer, ReadOnlySpan<byte> nonce)
    {
        using (writer.PushSequence(Asn1Tags.Context(1)))
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(NonceOid);
            using (writer.PushOctetString())
                writer.WriteOctetString(nonce);
        }
    }

    // RFC 6960 §4.2.1: GeneralizedTime always, without fractions (RFC 9919 §3.2.1).
    private static void WriteTime(AsnWriter writer, DateTimeOffset time) => writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);

    private static byte[] Error(byte status) => [0x30, 0x03, 0x0a, 0x01, status];

    private enum OcspResponseStatus
    {
        Successful = 0,
    }
}
