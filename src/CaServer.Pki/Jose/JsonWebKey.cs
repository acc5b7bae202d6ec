using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CaServer.Domain;

namespace CaServer.Pki.Jose;

/// <summary>
/// A public key as a JWK (RFC 7517, RFC 7518 §6, RFC 8037 §2), reduced to the members that its RFC 7638 thumbprint covers.
/// </summary>
public sealed class JsonWebKey
{
    // 4096-bit RSA is the largest key accepted; anything longer costs time to verify with.
    private const int MaxParameterOctets = 512;
    private const int MaxExponentOctets = 8;

    private JsonWebKey(SignatureAlgorithm algorithm, string canonical, byte[] first, byte[] second)
    {
        Algorithm = algorithm;
        Canonical = canonical;
        First = first;
        Second = second;
        Thumbprint = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)));
    }

    /// <summary>The one algorithm that this key may sign with.</summary>
    public SignatureAlgorithm Algorithm { get; }

    /// <summary>The required members in lexicographic order without white space (RFC 7638 §3).</summary>
    public string Canonical { get; }

    /// <summary>RFC 7638 thumbprint with SHA-256, base64url.</summary>
    public string Thumbprint { get; }

    /// <summary>x of an EC or OKP key, n of an RSA key; big-endian, EC coordinates in full width.</summary>
    internal byte[] First { get; }

    /// <summary>y of an EC key, e of an RSA key, nothing of an OKP key.</summary>
    internal byte[] Second { get; }

    /// <summary>Parses the text of a JWK.</summary>
    /// <exception cref="AcmeException">malformed or badPublicKey.</exception>
    public static JsonWebKey Parse(string json)
    {
        using var document = StrictJson.ParseObject(Encoding.UTF8.GetBytes(json), "The JWK");
        return Parse(document.RootElement);
    }

    /// <summary>Parses a JWK. Members that are not needed are ignored, but a private key is refused.</summary>
    /// <exception cref="AcmeException">malformed: members are missing or badly encoded. badPublicKey: no key that is accepted.</exception>
    public static JsonWebKey Parse(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object)
            throw new AcmeException(ProblemType.Malformed, "The JWK must be a JSON object.");
        // RFC 7518 §6.2.2, §6.3.2: these members are private in every key type.
        if (jwk.TryGetProperty("d", out _) || jwk.TryGetProperty("k", out _))
            throw new AcmeException(ProblemType.BadPublicKey, "The JWK holds a private or symmetric key. Send the public key only, and replace this key: it must count as disclosed.");
        return StrictJson.RequiredString(jwk, "kty", "the JWK") switch
        {
            "EC" => ParseEllipticCurve(jwk),
            "RSA" => ParseRsa(jwk),
            "OKP" => ParseOctetKeyPair(jwk),
            _ => throw new AcmeException(ProblemType.BadPublicKey, "The JWK's key type is not supported; use EC (P-256, P-384, P-521), RSA or OKP (Ed25519)."),
        };
    }

    private static JsonWebKey ParseEllipticCurve(JsonElement jwk)
    {
        var curve = StrictJson.RequiredString(jwk, "crv", "the JWK");
        var (algorithm, width) = curve switch
        {
            "P-256" => (SignatureAlgorithm.ES256, 32),
            "P-384" => (SignatureAlgorithm.ES384, 48),
            "P-521" => (SignatureAlgorithm.ES512, 66),
            _ => throw new AcmeException(ProblemType.BadPublicKey, "The JWK's curve is not supported; use P-256, P-384 or P-521."),
        };
        var x = Octets(jwk, "x", width);
        var y = Octets(jwk, "y", width);
        // RFC 7518 §6.2.1.2: the full width of the curve, or one key would have several thumbprints.
        if (x.Length != width || y.Length != width)
            throw new AcmeException(ProblemType.Malformed, $"The JWK's coordinates must each be {width} octets for {curve}.");
        var canonical = $$"""{"crv":"{{curve}}","kty":"EC","x":"{{Base64Url.EncodeToString(x)}}","y":"{{Base64Url.EncodeToString(y)}}"}""";
        return new JsonWebKey(algorithm, canonical, x, y);
    }

    private static JsonWebKey ParseRsa(JsonElement jwk)
    {
        var n = Octets(jwk, "n", MaxParameterOctets);
        var e = Octets(jwk, "e", MaxExponentOctets);
        // RFC 7518 §2 (Base64urlUInt): the minimum number of octets, or one key would have several thumbprints.
        if (n.Length == 0 || e.Length == 0 || n[0] == 0 || e[0] == 0)
            throw new AcmeException(ProblemType.Malformed, "The JWK's n and e must be integers without leading zero octets.");
        var canonical = $$"""{"e":"{{Base64Url.EncodeToString(e)}}","kty":"RSA","n":"{{Base64Url.EncodeToString(n)}}"}""";
        return new JsonWebKey(SignatureAlgorithm.RS256, canonical, n, e);
    }

    private static JsonWebKey ParseOctetKeyPair(JsonElement jwk)
    {
        const int width = 32;
        if (StrictJson.RequiredString(jwk, "crv", "the JWK") != "Ed25519")
            throw new AcmeException(ProblemType.BadPublicKey, "The JWK's curve is not supported; of the OKP keys only Ed25519 is.");
        var x = Octets(jwk, "x", width);
        if (x.Length != width)
            throw new AcmeException(ProblemType.Malformed, $"The JWK's x must be {width} octets for Ed25519.");
        var canonical = $$"""{"crv":"Ed25519","kty":"OKP","x":"{{Base64Url.EncodeToString(x)}}"}""";
        return new JsonWebKey(SignatureAlgorithm.EdDsa, canonical, x, []);
    }

    private static byte[] Octets(JsonElement jwk, string name, int maxOctets)
    {
        var text = StrictJson.RequiredString(jwk, name, "the JWK");
        if (text.Length > Base64Url.GetEncodedLength(maxOctets))
            throw new AcmeException(ProblemType.BadPublicKey, $"The JWK's {name} is too long; at most {maxOctets} octets are accepted.");
        return StrictBase64Url.TryDecode(Encoding.UTF8.GetBytes(text), out var octets)
            ? octets
            : throw new AcmeException(ProblemType.Malformed, $"The JWK's {name} is not base64url without padding.");
    }
}
