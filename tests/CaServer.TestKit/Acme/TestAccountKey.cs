using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CaServer.Pki.Jose;

namespace CaServer.TestKit.Acme;

/// <summary>A client's account key: signs what a test wants signed, also what an honest client never would.</summary>
public sealed class TestAccountKey
{
    private readonly Func<byte[], byte[]> _sign;

    private TestAccountKey(string algorithm, string jwk, Func<byte[], byte[]> sign)
    {
        Algorithm = algorithm;
        Jwk = jwk;
        _sign = sign;
    }

    /// <summary>The JWS algorithm.</summary>
    public string Algorithm { get; }

    /// <summary>The public key, canonical JWK.</summary>
    public string Jwk { get; }

    /// <summary>RFC 7638 thumbprint.</summary>
    public string Thumbprint => JsonWebKey.Parse(Jwk).Thumbprint;

    /// <summary>The P-256 key behind an ES256 key, to make a CSR with it.</summary>
    public ECDsa? Ecdsa { get; private init; }

    /// <summary>A new key for ES256, ES384, ES512, RS256 or EdDSA.</summary>
    public static TestAccountKey Create(string algorithm = "ES256") => algorithm switch
    {
        "ES256" => EllipticCurve(algorithm, ECCurve.NamedCurves.nistP256, "P-256", HashAlgorithmName.SHA256),
        "ES384" => EllipticCurve(algorithm, ECCurve.NamedCurves.nistP384, "P-384", HashAlgorithmName.SHA384),
        "ES512" => EllipticCurve(algorithm, ECCurve.NamedCurves.nistP521, "P-521", HashAlgorithmName.SHA512),
        "RS256" => Rsa(2048),
        "EdDSA" => Ed25519(),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>An ES256 key that is given.</summary>
    public static TestAccountKey Of(ECDsa p256) => EllipticCurve("ES256", p256, "P-256", HashAlgorithmName.SHA256);

    /// <summary>An RSA key of any size.</summary>
    public static TestAccountKey Rsa(int bits) => Rsa(RSA.Create(bits));

    /// <summary>An RSA key that also serves elsewhere.</summary>
    public static TestAccountKey Rsa(RSA key)
    {
        var p = key.ExportParameters(false);
        return new TestAccountKey(
            "RS256",
            $$"""{"e":"{{Base64Url.EncodeToString(p.Exponent)}}","kty":"RSA","n":"{{Base64Url.EncodeToString(p.Modulus)}}"}""",
            data => key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    /// <summary>The raw JWS signature over some octets.</summary>
    public byte[] Sign(byte[] data) => _sign(data);

    /// <summary>A flattened JWS over a header and payload given as text.</summary>
    public string Jws(string protectedHeader, string payload) => Jws(protectedHeader, Encoding.UTF8.GetBytes(payload));

    /// <summary>A flattened JWS over a header given as text.</summary>
    public string Jws(string protectedHeader, byte[] payload)
    {
        var header64 = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(protectedHeader));
        var payload64 = Base64Url.EncodeToString(payload);
        var signature = Sign(Encoding.ASCII.GetBytes(header64 + "." + payload64));
        return $$"""{"protected":"{{header64}}","payload":"{{payload64}}","signature":"{{Base64Url.EncodeToString(signature)}}"}""";
    }

    private static TestAccountKey EllipticCurve(string algorithm, ECCurve curve, string name, HashAlgorithmName hash) =>
        EllipticCurve(algorithm, ECDsa.Create(curve), name, hash);

    private static TestAccountKey EllipticCurve(string algorithm, ECDsa key, string name, HashAlgorithmName hash)
    {
        var q = key.ExportParameters(false).Q;
        return new TestAccountKey(
            algorithm,
            $$"""{"crv":"{{name}}","kty":"EC","x":"{{Base64Url.EncodeToString(q.X)}}","y":"{{Base64Url.EncodeToString(q.Y)}}"}""",
            data => key.SignData(data, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
        {
            Ecdsa = key,
        };
    }

    private static TestAccountKey Ed25519()
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        var key = new Org.BouncyCastle.Crypto.Parameters.Ed25519PrivateKeyParameters(secret);
        return new TestAccountKey(
            "EdDSA",
            $$"""{"crv":"Ed25519","kty":"OKP","x":"{{Base64Url.EncodeToString(key.GeneratePublicKey().GetEncoded())}}"}""",
            data =>
            {
                var signature = new byte[64];
                key.Sign(Org.BouncyCastle.Math.EC.Rfc8032.Ed25519.Algorithm.Ed25519, null, data, 0, data.Length, signature, 0);
                return signature;
            });
    }
}
