using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

namespace CaServer.Conformance.Acme;

/// <summary>A key that signs JWS (RFC 7515, RFC 7517): of an account, or of a certificate.</summary>
internal abstract class SigningKey
{
    /// <summary>The algorithm of its signatures (RFC 7518).</summary>
    public abstract string Algorithm { get; }

    /// <summary>The public key; members in the order of RFC 7638.</summary>
    public abstract JsonObject Jwk { get; }

    /// <summary>Its thumbprint (RFC 7638), as key authorizations have it (RFC 8555 §8.1).</summary>
    public string Thumbprint => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(Jwk.ToJsonString())));

    public abstract byte[] Sign(byte[] input);

    public static EcSigningKey Ec() => new(ECCurve.NamedCurves.nistP256, "P-256", "ES256", HashAlgorithmName.SHA256);

    public static EcSigningKey Ec384() => new(ECCurve.NamedCurves.nistP384, "P-384", "ES384", HashAlgorithmName.SHA384);

    public static EcSigningKey Ec521() => new(ECCurve.NamedCurves.nistP521, "P-521", "ES512", HashAlgorithmName.SHA512);

    public static RsaSigningKey Rsa(int bits = 2048) => new(bits);

    public static Ed25519SigningKey Ed25519() => new();

    /// <summary>The key authorization for a token (RFC 8555 §8.1).</summary>
    public string KeyAuthorization(string token) => $"{token}.{Thumbprint}";
}

/// <summary>An ECDSA key.</summary>
internal sealed class EcSigningKey(ECCurve curve, string name, string algorithm, HashAlgorithmName hash) : SigningKey
{
    public ECDsa Key { get; } = ECDsa.Create(curve);

    public override string Algorithm => algorithm;

    public override JsonObject Jwk
    {
        get
        {
            var point = Key.ExportParameters(includePrivateParameters: false).Q;
            return new JsonObject
            {
                ["crv"] = name,
                ["kty"] = "EC",
                ["x"] = Base64Url.EncodeToString(point.X),
                ["y"] = Base64Url.EncodeToString(point.Y),
            };
        }
    }

    public override byte[] Sign(byte[] input) => Key.SignData(input, hash);

    /// <summary>A signature as X.509 has it, which JWS must not have.</summary>
    public byte[] SignDer(byte[] input) => Key.SignData(input, hash, DSASignatureFormat.Rfc3279DerSequence);
}

/// <summary>An RSA key.</summary>
internal sealed class RsaSigningKey(int bits) : SigningKey
{
    public RSA Key { get; } = RSA.Create(bits);

    public override string Algorithm => "RS256";

    public override JsonObject Jwk
    {
        get
        {
            var key = Key.ExportParameters(includePrivateParameters: false);
            return new JsonObject
            {
                ["e"] = Base64Url.EncodeToString(key.Exponent),
                ["kty"] = "RSA",
                ["n"] = Base64Url.EncodeToString(key.Modulus),
            };
        }
    }

    public override byte[] Sign(byte[] input) => Key.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
}

/// <summary>An Ed25519 key (RFC 8037); .NET has none of its own.</summary>
internal sealed class Ed25519SigningKey : SigningKey
{
    private readonly Ed25519PrivateKeyParameters _key = new(new SecureRandom());

    public override string Algorithm => "EdDSA";

    public override JsonObject Jwk => new()
    {
        ["crv"] = "Ed25519",
        ["kty"] = "OKP",
        ["x"] = Base64Url.EncodeToString(_key.GeneratePublicKey().GetEncoded()),
    };

    public override byte[] Sign(byte[] input)
    {
        var signer = new Ed25519Signer();
        signer.Init(forSigning: true, _key);
        signer.BlockUpdate(input, 0, input.Length);
        return signer.GenerateSignature();
    }
}
