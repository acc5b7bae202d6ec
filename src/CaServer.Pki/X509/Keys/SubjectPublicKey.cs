using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace CaServer.Pki.X509;

/// <summary>
/// A public key whose SubjectPublicKeyInfo is encoded exactly as BR §7.1.3.1 wants, so that its bytes can be copied into a
/// certificate. Well encoded is not yet good: <see cref="KeyChecks"/> decides whether the key may be certified.
/// </summary>
public sealed class SubjectPublicKey
{
    /// <summary>Largest RSA modulus that is read, in bits. It bounds what one signature check can cost.</summary>
    public const int MaxRsaBits = 8192;

    private const int MaxLength = 2048;
    private const int KeyIdentifierLength = 20;

    // BR §6.1.6: e lies below 2^256. A longer one would only make verification slow.
    private const int MaxRsaExponentOctets = 32;

    // BR §7.1.3.1: these AlgorithmIdentifiers, byte for byte.
    private static readonly byte[] s_rsa = Convert.FromHexString("300d06092a864886f70d0101010500");
    private static readonly byte[] s_p256 = Convert.FromHexString("301306072a8648ce3d020106082a8648ce3d030107");
    private static readonly byte[] s_p384 = Convert.FromHexString("301006072a8648ce3d020106052b81040022");
    private static readonly byte[] s_p521 = Convert.FromHexString("301006072a8648ce3d020106052b81040023");

    private readonly byte[] _der;
    private readonly byte[] _keyIdentifier;

    private SubjectPublicKey(byte[] der, ReadOnlySpan<byte> keyBits, KeyKind kind, int bits)
    {
        _der = der;
        Kind = kind;
        Bits = bits;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(keyBits, hash);
        _keyIdentifier = hash[..KeyIdentifierLength].ToArray();
    }

    /// <summary>The SubjectPublicKeyInfo, DER.</summary>
    public ReadOnlyMemory<byte> Der => _der;

    /// <summary>The kind of key.</summary>
    public KeyKind Kind { get; }

    /// <summary>Bits of the RSA modulus or of the curve's field.</summary>
    public int Bits { get; }

    /// <summary>
    /// The key identifier: the leftmost 160 bits of the SHA-256 hash of the key's BIT STRING content (RFC 7093 §2 method 1).
    /// RFC 5280 §4.2.1.2 leaves the method open; its own first method is SHA-1, which we use nowhere (BR §1.2.2).
    /// </summary>
    public ReadOnlyMemory<byte> KeyIdentifier => _keyIdentifier;

    /// <summary>The RSA modulus; zero for other kinds.</summary>
    internal BigInteger Modulus { get; private init; }

    /// <summary>The RSA public exponent; zero for other kinds.</summary>
    internal BigInteger Exponent { get; private init; }

    /// <summary>The coordinates x || y of an EC point, each as wide as the field; empty for RSA.</summary>
    internal ReadOnlyMemory<byte> Point { get; private init; }

    /// <summary>The SHA-256 hash of the SubjectPublicKeyInfo, by which lists of compromised keys name a key.</summary>
    public byte[] Sha256() => SHA256.HashData(_der);

    /// <summary>Whether both are the same key.</summary>
    public bool IsSameAs(SubjectPublicKey other) => _der.AsSpan().SequenceEqual(other._der);

    /// <summary>Reads a SubjectPublicKeyInfo.</summary>
    /// <param name="spki">The DER encoding, with nothing after it.</param>
    /// <param name="key">The key.</param>
    /// <param name="fault">Otherwise one sentence that says what is wrong.</param>
    public static bool TryRead(
        ReadOnlyMemory<byte> spki, [NotNullWhen(true)] out SubjectPublicKey? key, [NotNullWhen(false)] out string? fault)
    {
        try
        {
            key = Read(spki);
            fault = null;
            return true;
        }
        catch (FormatException e)
        {
            fault = e.Message;
        }
        catch (AsnContentException)
        {
            fault = "The public key is not a DER SubjectPublicKeyInfo.";
        }
        key = null;
        return false;
    }

    /// <summary>Whether the signature over the data was made with this key's private half; the key is imported for this one check.</summary>
    internal bool Verifies(ReadOnlySpan<byte> data, SignatureAlgorithm algorithm, ReadOnlySpan<byte> signature)
    {
        using var verifier = PublicKeyVerifier.TryCreate(this);
        return verifier is not null && verifier.Verifies(data, algorithm, signature);
    }

    private static SubjectPublicKey Read(ReadOnlyMemory<byte> spki)
    {
        if (spki.Length > MaxLength)
            throw new FormatException($"The public key is longer than {MaxLength} octets.");
        var der = spki.ToArray();
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var body = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var algorithm = body.ReadEncodedValue().Span;
        if (!body.TryReadPrimitiveBitString(out var unused, out var bits) || unused != 0)
            throw new AsnContentException();
        body.ThrowIfNotEmpty();
        if (algorithm.SequenceEqual(s_rsa))
            return ReadRsa(der, bits);
        if (algorithm.SequenceEqual(s_p256))
            return ReadPoint(der, bits, KeyKind.P256, 256);
        if (algorithm.SequenceEqual(s_p384))
            return ReadPoint(der, bits, KeyKind.P384, 384);
        if (algorithm.SequenceEqual(s_p521))
            return ReadPoint(der, bits, KeyKind.P521, 521);
        throw new FormatException("The public key's algorithm is not supported; use RSA (rsaEncryption) or ECDSA on the named curve P-256, P-384 or P-521.");
    }

    // RFC 8017 §A.1.1.
    private static SubjectPublicKey ReadRsa(byte[] der, ReadOnlyMemory<byte> bits)
    {
        var outer = new AsnReader(bits, AsnEncodingRules.DER);
        var body = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var modulus = body.ReadInteger();
        var exponentOctets = body.ReadIntegerBytes();
        body.ThrowIfNotEmpty();
        if (modulus.Sign <= 0 || modulus.GetBitLength() > MaxRsaBits)
            throw new FormatException($"The RSA modulus is not a positive number of at most {MaxRsaBits} bits.");
        var exponent = new BigInteger(exponentOctets.Span, isUnsigned: false, isBigEndian: true);
        if (exponent.Sign <= 0 || exponent.GetByteCount(isUnsigned: true) > MaxRsaExponentOctets)
            throw new FormatException("The RSA public exponent is not a positive number below 2^256.");
        return new SubjectPublicKey(der, bits.Span, KeyKind.Rsa, (int)modulus.GetBitLength()) { Modulus = modulus, Exponent = exponent };
    }

    // RFC 5480 §2.2; the compressed form is optional there and is what many clients cannot read.
    private static SubjectPublicKey ReadPoint(byte[] der, ReadOnlyMemory<byte> bits, KeyKind kind, int fieldBits)
    {
        var width = (fieldBits + 7) / 8;
        if (bits.Length != 1 + 2 * width || bits.Span[0] != 0x04)
            throw new FormatException("The EC public key is not an uncompressed point of its curve's size.");
        return new SubjectPublicKey(der, bits.Span, kind, fieldBits) { Point = bits[1..] };
    }
}
