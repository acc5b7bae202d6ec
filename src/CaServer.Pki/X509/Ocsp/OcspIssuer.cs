using System.Formats.Asn1;
using System.Security.Cryptography;
using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>An issuer as OCSP names it: the hashes of its name and of its key (RFC 6960 §4.1.1).</summary>
public sealed class OcspIssuer
{
    private static readonly byte[] s_sha1 = Convert.FromHexString("300906052b0e03021a0500");
    private static readonly byte[] s_sha256 = Convert.FromHexString("300d06096086480165030402010500");

    private readonly (byte[] Name, byte[] Key)[] _hashes;
    private readonly byte[][] _plainRequests;

    /// <summary>Hashes the names of an issuer.</summary>
    public OcspIssuer(IssuerCertificate issuer)
    {
        var name = issuer.SubjectDer.Span;
        var key = KeyBits(issuer.PublicKey);
        _hashes = [(Sha1(name), Sha1(key)), (SHA256.HashData(name), SHA256.HashData(key))];
        _plainRequests = [PlainRequest(OcspHash.Sha1), PlainRequest(OcspHash.Sha256)];
    }

    /// <summary>
    /// Whether this is the request that nearly every client sends, octet for octet: about one certificate of this issuer, without
    /// extensions. Its last 16 octets are the serial number. It says nothing else than <see cref="OcspRequest"/> would read from it.
    /// </summary>
    public bool IsPlainRequest(ReadOnlySpan<byte> request, out OcspHash hash)
    {
        for (var i = 0; i < _plainRequests.Length; i++)
        {
            var plain = _plainRequests[i];
            if (request.Length == plain.Length + SerialNumber.Length && request.StartsWith(plain))
            {
                hash = (OcspHash)i;
                return true;
            }
        }
        hash = default;
        return false;
    }

    /// <summary>Whether a request means this issuer.</summary>
    public bool IsNamedBy(in OcspCertId id)
    {
        if (id.Hash is not { } hash)
            return false;
        var (name, key) = _hashes[(int)hash];
        return id.KeyHash.Span.SequenceEqual(key) && id.NameHash.Span.SequenceEqual(name);
    }

    /// <summary>The CertID of a certificate of this issuer, DER, as nearly every client writes it.</summary>
    public byte[] EncodeCertId(OcspHash hash, SerialNumber serial)
    {
        var (name, key) = _hashes[(int)hash];
        var writer = new AsnWriter(AsnEncodingRules.DER, 128);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(hash == OcspHash.Sha1 ? s_sha1 : s_sha256);
            writer.WriteOctetString(name);
            writer.WriteOctetString(key);
            writer.WriteInteger(serial.Octets);
        }
        return writer.Encode();
    }

    /// <summary>The SHA-1 hash of a key's BIT STRING content, by which a responder names itself (RFC 6960 §4.2.1: KeyHash is SHA-1).</summary>
    public static byte[] KeyHash(SubjectPublicKey key) => Sha1(KeyBits(key));

    // OCSPRequest { TBSRequest { requestList { Request { CertID } } } }, without the serial number's octets.
    private byte[] PlainRequest(OcspHash hash)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
            writer.WriteEncodedValue(EncodeCertId(hash, SerialNumber.Generate()));
        return writer.Encode()[..^SerialNumber.Length];
    }

    private static ReadOnlySpan<byte> KeyBits(SubjectPublicKey key)
    {
        var body = new AsnReader(key.Der, AsnEncodingRules.DER).ReadSequence();
        body.ReadEncodedValue();
        return body.TryReadPrimitiveBitString(out _, out var bits) ? bits.Span : throw new AsnContentException();
    }

#pragma warning disable CA5350 // OCSP tells keys and names apart by SHA-1; no security rests on it.
    private static byte[] Sha1(ReadOnlySpan<byte> octets) => SHA1.HashData(octets);
#pragma warning restore CA5350
}
