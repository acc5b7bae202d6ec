using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace CaServer.Pki.X509;

/// <summary>
/// An OCSP request (RFC 6960 §4.1). Everything in it is bounded. A signature on it is skipped: everybody may ask, so who asks is
/// of no interest (RFC 9919 §3.1.2).
/// </summary>
public sealed class OcspRequest
{
    /// <summary>Longest request that is read, in octets: a signed one with its certificates fits.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>Most certificates that one request may ask about.</summary>
    public const int MaxCertificates = 32;

    private const int MaxNonceLength = 128;
    private const int MaxSerialLength = 20;
    private const string Nonce = "1.3.6.1.5.5.7.48.1.2";
    private const string AcceptableResponses = "1.3.6.1.5.5.7.48.1.4";

    // With NULL, as nearly everybody writes them, and without parameters (RFC 5754 §2: both are to be understood).
    private static readonly byte[] s_sha1 = Convert.FromHexString("300906052b0e03021a0500");
    private static readonly byte[] s_sha1Bare = Convert.FromHexString("300706052b0e03021a");
    private static readonly byte[] s_sha256 = Convert.FromHexString("300d06096086480165030402010500");
    private static readonly byte[] s_sha256Bare = Convert.FromHexString("300b0609608648016503040201");

    private OcspRequest(OcspCertId[] certificates, ReadOnlyMemory<byte>? nonce)
    {
        Certificates = certificates;
        NonceValue = nonce;
    }

    /// <summary>The certificates asked about, at least one.</summary>
    public IReadOnlyList<OcspCertId> Certificates { get; }

    /// <summary>The nonce, 1 to 128 octets; null if there is none.</summary>
    public ReadOnlyMemory<byte>? NonceValue { get; }

    /// <summary>Reads a request; false if the answer is <c>malformedRequest</c>.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out OcspRequest? request)
    {
        request = null;
        if (der.Length > MaxLength)
            return false;
        try
        {
            request = Read(der);
            return true;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static OcspRequest Read(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var body = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var tbs = body.ReadSequence();
        if (body.HasData)
        {
            Require(body.PeekTag().HasSameClassAndValue(Asn1Tags.Context(0)));
            body.ReadEncodedValue();
            body.ThrowIfNotEmpty();
        }
        // RFC 6960 §4.1.1: v1 is the default. Encoding it is not DER, but does no harm.
        if (tbs.PeekTag().HasSameClassAndValue(Asn1Tags.Context(0)))
        {
            var version = tbs.ReadSequence(Asn1Tags.Context(0));
            Require(version.TryReadInt32(out var number) && number == 0);
            version.ThrowIfNotEmpty();
        }
        if (tbs.PeekTag().HasSameClassAndValue(Asn1Tags.Context(1)))
            tbs.ReadEncodedValue();
        var certificates = ReadList(tbs.ReadSequence());
        ReadOnlyMemory<byte>? nonce = null;
        if (tbs.HasData)
            nonce = ReadExtensions(tbs.ReadSequence(Asn1Tags.Context(2)));
        tbs.ThrowIfNotEmpty();
        return new OcspRequest(certificates, nonce);
    }

    private static OcspCertId[] ReadList(AsnReader list)
    {
        var first = ReadOne(list.ReadSequence());
        if (!list.HasData)
            return [first];
        var certificates = new List<OcspCertId> { first };
        while (list.HasData)
        {
            Require(certificates.Count < MaxCertificates);
            certificates.Add(ReadOne(list.ReadSequence()));
        }
        return [.. certificates];
    }

    private static OcspCertId ReadOne(AsnReader item)
    {
        var der = item.PeekEncodedValue();
        var id = item.ReadSequence();
        // singleRequestExtensions: the only one defined, serviceLocator, is for responders that forward requests.
        if (item.HasData)
        {
            var wrapper = item.ReadSequence(Asn1Tags.Context(0));
            foreach (var extension in DecodedCertificate.ReadExtensions(wrapper))
                Require(!extension.Critical);
            wrapper.ThrowIfNotEmpty();
        }
        item.ThrowIfNotEmpty();
        var algorithm = id.ReadEncodedValue().Span;
        Require(algorithm[0] == 0x30);
        var nameHash = ReadOctets(id);
        var keyHash = ReadOctets(id);
        var serial = id.ReadIntegerBytes();
        id.ThrowIfNotEmpty();
        Require(serial.Length <= MaxSerialLength + 1);
        return new OcspCertId(der, HashOf(algorithm), nameHash, keyHash, serial);
    }

    private static OcspHash? HashOf(ReadOnlySpan<byte> algorithm)
    {
        if (algorithm.SequenceEqual(s_sha1) || algorithm.SequenceEqual(s_sha1Bare))
            return OcspHash.Sha1;
        return algorithm.SequenceEqual(s_sha256) || algorithm.SequenceEqual(s_sha256Bare) ? OcspHash.Sha256 : null;
    }

    // RFC 6960 §4.1.2: what is not critical may be ignored, what is and is not understood must not be.
    private static ReadOnlyMemory<byte>? ReadExtensions(AsnReader wrapper)
    {
        ReadOnlyMemory<byte>? nonce = null;
        foreach (var extension in DecodedCertificate.ReadExtensions(wrapper))
        {
            if (extension.Oid == Nonce)
            {
                Require(nonce is null);
                nonce = ReadNonce(extension.Value);
            }
            else
            {
                // Basic responses are the only kind that there is.
                Require(!extension.Critical || extension.Oid == AcceptableResponses);
            }
        }
        wrapper.ThrowIfNotEmpty();
        return nonce;
    }

    // RFC 9654 §2.1: a nonce of no octets or of more than 128 must be refused with malformedRequest.
    private static ReadOnlyMemory<byte> ReadNonce(ReadOnlyMemory<byte> value)
    {
        var reader = new AsnReader(value, AsnEncodingRules.DER);
        var nonce = ReadOctets(reader);
        reader.ThrowIfNotEmpty();
        Require(nonce.Length is > 0 and <= MaxNonceLength);
        return nonce;
    }

    private static ReadOnlyMemory<byte> ReadOctets(AsnReader reader) =>
        reader.TryReadPrimitiveOctetString(out var octets) ? octets : throw new AsnContentException();

    private static void Require(bool condition)
    {
        if (!condition)
            throw new AsnContentException();
    }
}
