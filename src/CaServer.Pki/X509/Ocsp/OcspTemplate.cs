using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>
/// Puts together pre-signed responses about single certificates. All responses of one responder have the same octets except for
/// serial number, times, reason and signature; so those are kept, and a response is made in well under a microsecond when
/// it is asked for.
/// </summary>
public sealed class OcspTemplate
{
    /// <summary>Octets of a signature as it is kept: r and s of P-256.</summary>
    public const int SignatureLength = 64;

    private const int TimeLength = 15;
    private const int MaxEncodedSignature = 8 + 2 * 33;

    // Octets around the parts: headers and object identifiers.
    private const int Frame = 64;

    private static readonly byte[] s_algorithm = SignatureAlgorithm.OfIssuer(KeyKind.P256).Der.ToArray();

    // OCSPResponse's responseStatus, and the OID of a basic response.
    private static readonly byte[] s_successful = [0x0a, 0x01, 0x00];
    private static readonly byte[] s_basic = Convert.FromHexString("06092b0601050507300101");

    private readonly Form[] _forms;
    private readonly byte[] _certificates;

    /// <summary>Prepares responses.</summary>
    /// <param name="issuer">Whose certificates they are about.</param>
    /// <param name="responder">The responder's certificate, DER; its key is P-256.</param>
    /// <exception cref="FormatException">It is not one with such a key.</exception>
    public OcspTemplate(OcspIssuer issuer, ReadOnlyMemory<byte> responder)
    {
        if (!DecodedCertificate.TryDecode(responder, out var certificate)
            || !SubjectPublicKey.TryRead(certificate.SubjectPublicKeyInfo, out var key, out _) || key.Kind != KeyKind.P256)
            throw new FormatException("The OCSP responder's certificate is not one with a P-256 key.");
        NotAfter = certificate.NotAfter;
        PublicKey = key;
        var keyHash = OcspIssuer.KeyHash(key);
        _forms = new Form[6];
        foreach (var hash in new[] { OcspHash.Sha1, OcspHash.Sha256 })
        {
            _forms[IndexOf(hash, false, false)] = new Form(issuer, hash, keyHash, OcspStatus.Good, RevocationReason.Unspecified);
            _forms[IndexOf(hash, true, false)] = new Form(issuer, hash, keyHash, OcspStatus.Revoked, RevocationReason.Unspecified);
            _forms[IndexOf(hash, true, true)] = new Form(issuer, hash, keyHash, OcspStatus.Revoked, RevocationReason.KeyCompromise);
        }
        _certificates = Certificates(responder.Span);
        MaxLength = _forms.Max(f => f.Length) + _certificates.Length + MaxEncodedSignature + s_algorithm.Length + Frame;
    }

    /// <summary>End of the responder's validity; no response may reach further.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>The responder's key.</summary>
    public SubjectPublicKey PublicKey { get; }

    /// <summary>No response is longer.</summary>
    public int MaxLength { get; }

    /// <summary>What has to be signed.</summary>
    /// <param name="hash">How the issuer is named.</param>
    /// <param name="serial">The 16 octets of the serial number.</param>
    /// <param name="answer">What is said.</param>
    public byte[] EncodeTbs(OcspHash hash, ReadOnlySpan<byte> serial, in OcspAnswer answer)
    {
        var form = FormOf(hash, answer);
        var tbs = new byte[form.Length];
        form.Write(tbs, serial, answer);
        return tbs;
    }

    /// <summary>Writes the response; the number of octets.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> octets.</param>
    /// <param name="hash">How the issuer is named.</param>
    /// <param name="serial">The 16 octets of the serial number.</param>
    /// <param name="answer">What is said.</param>
    /// <param name="signature">The signature over <see cref="EncodeTbs"/>: r and s.</param>
    public int Write(Span<byte> destination, OcspHash hash, ReadOnlySpan<byte> serial, in OcspAnswer answer, ReadOnlySpan<byte> signature)
    {
        var form = FormOf(hash, answer);
        Span<byte> encodedSignature = stackalloc byte[MaxEncodedSignature];
        encodedSignature = encodedSignature[..EcdsaValue.Encode(signature, encodedSignature)];

        var bits = 1 + encodedSignature.Length;
        var basic = form.Length + s_algorithm.Length + DerHeader.LengthOf(bits) + bits + _certificates.Length;
        var octets = DerHeader.LengthOf(basic) + basic;
        var bytes = s_basic.Length + DerHeader.LengthOf(octets) + octets;
        var wrapped = DerHeader.LengthOf(bytes) + bytes;
        var content = s_successful.Length + DerHeader.LengthOf(wrapped) + wrapped;

        var rest = DerHeader.Write(destination, DerHeader.Sequence, content);
        rest = Append(rest, s_successful);
        rest = DerHeader.Write(rest, 0xa0, wrapped);
        rest = DerHeader.Write(rest, DerHeader.Sequence, bytes);
        rest = Append(rest, s_basic);
        rest = DerHeader.Write(rest, 0x04, octets);
        rest = DerHeader.Write(rest, DerHeader.Sequence, basic);
        form.Write(rest, serial, answer);
        rest = Append(rest[form.Length..], s_algorithm);
        rest = DerHeader.Write(rest, DerHeader.BitString, bits);
        rest[0] = 0;
        rest = Append(rest[1..], encodedSignature);
        _certificates.CopyTo(rest);
        return DerHeader.LengthOf(content) + content;
    }

    private static Span<byte> Append(Span<byte> destination, scoped ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(destination);
        return destination[octets.Length..];
    }

    // certs [0] EXPLICIT SEQUENCE OF Certificate.
    private static byte[] Certificates(ReadOnlySpan<byte> certificate)
    {
        var list = DerHeader.LengthOf(certificate.Length) + certificate.Length;
        var der = new byte[DerHeader.LengthOf(list) + list];
        certificate.CopyTo(DerHeader.Write(DerHeader.Write(der, 0xa0, list), DerHeader.Sequence, certificate.Length));
        return der;
    }

    private Form FormOf(OcspHash hash, in OcspAnswer answer) =>
        _forms[IndexOf(hash, answer.IsRevoked, answer.IsRevoked && answer.Reason != RevocationReason.Unspecified)];

    private static int IndexOf(OcspHash hash, bool isRevoked, bool hasReason) => ((int)hash * 3) + (hasReason ? 2 : isRevoked ? 1 : 0);

    /// <summary>
    /// The signed part with places to fill in. It is made by the ordinary encoder with values that are found again, so that
    /// there is one encoding of it in the program.
    /// </summary>
    private sealed class Form
    {
        private static readonly DateTimeOffset s_revokedAt = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private static readonly DateTimeOffset s_thisUpdate = new(2002, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private static readonly DateTimeOffset s_nextUpdate = new(2003, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private static readonly DateTimeOffset s_producedAt = new(2004, 1, 1, 0, 0, 0, TimeSpan.Zero);

        private readonly byte[] _octets;
        private readonly int _serial;
        private readonly int _revokedAt;
        private readonly int _reason;
        private readonly int _thisUpdate;
        private readonly int _nextUpdate;
        private readonly int _producedAt;

        internal Form(OcspIssuer issuer, OcspHash hash, byte[] keyHash, OcspStatus status, RevocationReason reason)
        {
            var serial = SerialNumber.Generate();
            var single = new OcspSingle
            {
                CertId = issuer.EncodeCertId(hash, serial),
                Status = status,
                RevokedAt = s_revokedAt,
                Reason = reason,
                ThisUpdate = s_thisUpdate,
                NextUpdate = s_nextUpdate,
            };
            _octets = OcspResponse.EncodeTbs([single], keyHash, s_producedAt, nonce: null);
            _serial = PlaceOf(serial.Octets);
            _producedAt = PlaceOf("20040101000000Z"u8);
            _thisUpdate = PlaceOf("20020101000000Z"u8);
            _nextUpdate = PlaceOf("20030101000000Z"u8);
            _revokedAt = status == OcspStatus.Revoked ? PlaceOf("20010101000000Z"u8) : -1;
            // The time is followed by [0] { ENUMERATED }.
            _reason = reason == RevocationReason.Unspecified ? -1 : _revokedAt + TimeLength + 4;
        }

        internal int Length => _octets.Length;

        internal void Write(Span<byte> destination, ReadOnlySpan<byte> serial, in OcspAnswer answer)
        {
            _octets.CopyTo(destination);
            serial[..SerialNumber.Length].CopyTo(destination[_serial..]);
            WriteTime(destination[_producedAt..], answer.ThisUpdate);
            destination.Slice(_producedAt, TimeLength).CopyTo(destination[_thisUpdate..]);
            WriteTime(destination[_nextUpdate..], answer.NextUpdate);
            if (_revokedAt >= 0)
                WriteTime(destination[_revokedAt..], answer.RevokedAt);
            if (_reason >= 0)
                destination[_reason] = (byte)answer.Reason;
        }

        private int PlaceOf(ReadOnlySpan<byte> value)
        {
            var place = _octets.AsSpan().IndexOf(value);
            return place >= 0 ? place : throw new InvalidOperationException("The encoder does not write what the template looks for.");
        }

        private static void WriteTime(Span<byte> destination, uint seconds)
        {
            var time = DateTime.UnixEpoch.AddTicks(seconds * TimeSpan.TicksPerSecond);
            var (year, month, day) = DateOnly.FromDateTime(time);
            Write2(destination, year / 100);
            Write2(destination[2..], year % 100);
            Write2(destination[4..], month);
            Write2(destination[6..], day);
            var ofDay = (int)(seconds % 86400);
            Write2(destination[8..], ofDay / 3600);
            Write2(destination[10..], ofDay / 60 % 60);
            Write2(destination[12..], ofDay % 60);
        }

        private static void Write2(Span<byte> destination, int number)
        {
            destination[0] = (byte)('0' + number / 10);
            destination[1] = (byte)('0' + number % 10);
        }
    }
}
