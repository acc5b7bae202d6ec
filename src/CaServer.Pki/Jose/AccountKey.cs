using System.Numerics;
using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Pki.X509;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace CaServer.Pki.Jose;

/// <summary>
/// A public key that verifies requests. Importing one costs more than verifying with it, so callers keep it; it may be used by
/// several threads at once.
/// </summary>
public abstract class AccountKey : IDisposable
{
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 4096;

    // A finalize request is verified by the front end and by a signing core in the same process, moments later.
    private const int Remembered = 256;

    // By the SHA-256 of the request; the verdict is the thumbprint of the key that made its signature.
    private static readonly VerdictCache<string> s_good = new(Remembered);

    private protected AccountKey(JsonWebKey jwk) => Jwk = jwk;

    /// <summary>The key as it was given.</summary>
    public JsonWebKey Jwk { get; }

    /// <summary>RFC 7638 thumbprint, base64url.</summary>
    public string Thumbprint => Jwk.Thumbprint;

    /// <summary>The key as DER SubjectPublicKeyInfo, to compare with the key of a CSR (RFC 8555 §11.1).</summary>
    public abstract byte[] SubjectPublicKeyInfo { get; }

    /// <summary>Imports a key.</summary>
    /// <exception cref="AcmeException">badPublicKey: the point is not on the curve, or the RSA key is too small, too large or has an unsafe exponent.</exception>
    public static AccountKey Import(JsonWebKey jwk) => jwk.Algorithm switch
    {
        SignatureAlgorithm.ES256 => new EllipticCurveKey(jwk, KeyKind.P256, HashAlgorithmName.SHA256, 64),
        SignatureAlgorithm.ES384 => new EllipticCurveKey(jwk, KeyKind.P384, HashAlgorithmName.SHA384, 96),
        SignatureAlgorithm.ES512 => new EllipticCurveKey(jwk, KeyKind.P521, HashAlgorithmName.SHA512, 132),
        SignatureAlgorithm.RS256 => new RsaKey(jwk),
        SignatureAlgorithm.EdDsa => new Ed25519Key(jwk),
    };

    /// <summary>
    /// Whether this key made the request's signature with the one algorithm that goes with the key. Good answers are remembered for a
    /// while: about the same octets and the same key the answer is the same, whoever asks.
    /// </summary>
    public bool Verifies(FlattenedJws jws)
    {
        if (jws.Algorithm != Jwk.Algorithm)
            return false;
        // Nobody asks twice about a POST-as-GET.
        if (jws.IsPostAsGet)
            return VerifySignature(jws.SigningInput, jws.Signature);
        var digest = Sha256Digest.Of(jws.Raw.Span);
        if (s_good.Find(digest) == Thumbprint)
            return true;
        if (!VerifySignature(jws.SigningInput, jws.Signature))
            return false;
        s_good.Remember(digest, Thumbprint);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the native key.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    internal abstract bool VerifySignature(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature);

    private sealed class EllipticCurveKey : AccountKey
    {
        private readonly ECDsa _key;
        private readonly HashAlgorithmName _hash;
        private readonly int _signatureLength;

        internal EllipticCurveKey(JsonWebKey jwk, KeyKind curve, HashAlgorithmName hash, int signatureLength) : base(jwk)
        {
            _hash = hash;
            _signatureLength = signatureLength;
            try
            {
                _key = EcPublicKey.Import(curve, jwk.First, jwk.Second);
            }
            catch (CryptographicException)
            {
                throw new AcmeException(ProblemType.BadPublicKey, "The account key is not a point on its curve.");
            }
        }

        public override byte[] SubjectPublicKeyInfo => field ??= _key.ExportSubjectPublicKeyInfo();

        // RFC 7518 §3.4: r and s in full width, one after the other; a DER signature or another length is not one.
        internal override bool VerifySignature(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature) =>
            signature.Length == _signatureLength
            && _key.VerifyData(signed, signature, _hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

        protected override void Dispose(bool disposing)
        {
            _key.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class RsaKey : AccountKey
    {
        private readonly RSA _key;

        internal RsaKey(JsonWebKey jwk) : base(jwk)
        {
            var bits = (int)new BigInteger(jwk.First, isUnsigned: true, isBigEndian: true).GetBitLength();
            if (bits is < MinRsaBits or > MaxRsaBits)
                throw new AcmeException(ProblemType.BadPublicKey, $"The RSA account key has {bits} bits; use {MinRsaBits} to {MaxRsaBits}, or better an EC key.");
            var exponent = new BigInteger(jwk.Second, isUnsigned: true, isBigEndian: true);
            if (exponent < 65537 || exponent.IsEven || (jwk.First[^1] & 1) == 0)
                throw new AcmeException(ProblemType.BadPublicKey, "The RSA account key is unsafe; use an odd modulus and the exponent 65537.");
            try
            {
                _key = RSA.Create(new RSAParameters { Modulus = jwk.First, Exponent = jwk.Second });
            }
            catch (CryptographicException)
            {
                throw new AcmeException(ProblemType.BadPublicKey, "The RSA account key cannot be used.");
            }
        }

        public override byte[] SubjectPublicKeyInfo => field ??= _key.ExportSubjectPublicKeyInfo();

        internal override bool VerifySignature(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature) =>
            signature.Length == Jwk.First.Length
            && _key.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        protected override void Dispose(bool disposing)
        {
            _key.Dispose();
            base.Dispose(disposing);
        }
    }

    // The platform has no Ed25519; BouncyCastle's is constant in memory and needs no native key.
    private sealed class Ed25519Key : AccountKey
    {
        private static readonly byte[] s_spkiPrefix = Convert.FromHexString("302a300506032b6570032100");

        internal Ed25519Key(JsonWebKey jwk) : base(jwk)
        {
            // Points of small order verify signatures that nobody made.
            if (!Ed25519.ValidatePublicKeyFull(jwk.First, 0))
                throw new AcmeException(ProblemType.BadPublicKey, "The account key is not a valid Ed25519 point.");
        }

        public override byte[] SubjectPublicKeyInfo => [.. s_spkiPrefix, .. Jwk.First];

        internal override bool VerifySignature(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature) =>
            signature.Length == Ed25519.SignatureSize
            && Ed25519.Verify(signature.ToArray(), 0, Jwk.First, 0, signed.ToArray(), 0, signed.Length);
    }
}
