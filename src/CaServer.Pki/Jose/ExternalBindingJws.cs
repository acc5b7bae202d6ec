using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CaServer.Domain;

namespace CaServer.Pki.Jose;

/// <summary>
/// The inner JWS of an external account binding (RFC 8555 §7.3.4). It has a reader of its own so that no request can ever be
/// signed with a MAC and no binding with anything else. Reading it verifies the shape; <see cref="Verifies"/> the MAC.
/// </summary>
public sealed class ExternalBindingJws
{
    private const int MaxKidLength = 128;
    private const string What = "the external account binding";

    private readonly MacAlgorithm _algorithm;
    private readonly byte[] _signingInput;
    private readonly byte[] _mac;

    private ExternalBindingJws(MacAlgorithm algorithm, string kid, string json, byte[] signingInput, byte[] mac)
    {
        _algorithm = algorithm;
        Kid = kid;
        Json = json;
        _signingInput = signingInput;
        _mac = mac;
    }

    /// <summary>Identifier of the MAC key.</summary>
    public string Kid { get; }

    /// <summary>The JWS as a JSON object of its three members.</summary>
    public string Json { get; }

    /// <summary>Reads the binding and checks everything but the MAC.</summary>
    /// <param name="jws">Value of the member <c>externalAccountBinding</c>.</param>
    /// <param name="url">The <c>url</c> of the outer JWS.</param>
    /// <param name="accountKey">The <c>jwk</c> of the outer JWS.</param>
    /// <exception cref="AcmeException">malformed: one of the conditions of §7.3.4 is not met.</exception>
    public static ExternalBindingJws Parse(JsonElement jws, string url, JsonWebKey accountKey)
    {
        if (jws.ValueKind != JsonValueKind.Object)
            throw Malformed("The externalAccountBinding must be a JWS in flattened JSON serialization.");
        if (jws.TryGetProperty("signatures", out _) || jws.TryGetProperty("header", out _))
            throw Malformed("The external account binding must have exactly one signature and no unprotected header.");
        var protectedText = StrictJson.RequiredString(jws, "protected", What);
        var payloadText = StrictJson.RequiredString(jws, "payload", What);
        var signatureText = StrictJson.RequiredString(jws, "signature", What);
        var header = Decode(protectedText, "protected");
        var payload = Decode(payloadText, "payload");
        var mac = Decode(signatureText, "signature");
        var (algorithm, kid) = ReadHeader(header, url);
        RequireKey(payload, accountKey);
        return new ExternalBindingJws(
            algorithm,
            kid,
            // All three are base64url, which needs no escapes.
            $$"""{"protected":"{{protectedText}}","payload":"{{payloadText}}","signature":"{{signatureText}}"}""",
            Encoding.ASCII.GetBytes(protectedText + "." + payloadText),
            mac);
    }

    /// <summary>Whether this key made the MAC; the time taken does not depend on how much of it is right.</summary>
    public bool Verifies(ReadOnlySpan<byte> macKey)
    {
        var expected = _algorithm switch
        {
            MacAlgorithm.HS256 => HMACSHA256.HashData(macKey, _signingInput),
            MacAlgorithm.HS384 => HMACSHA384.HashData(macKey, _signingInput),
            MacAlgorithm.HS512 => HMACSHA512.HashData(macKey, _signingInput),
        };
        return CryptographicOperations.FixedTimeEquals(expected, _mac);
    }

    private static (MacAlgorithm Algorithm, string Kid) ReadHeader(byte[] octets, string url)
    {
        const string what = "the external account binding's protected header";
        using var document = StrictJson.ParseObject(octets, "The external account binding's protected header");
        var header = document.RootElement;
        if (header.TryGetProperty("crit", out _) || header.TryGetProperty("b64", out _))
            throw Malformed("The external account binding has \"crit\" or \"b64\"; this server supports no JWS extensions.");
        if (!WireName.TryParse<MacAlgorithm>(StrictJson.RequiredString(header, "alg", what), out var algorithm))
            throw Malformed($"The external account binding must be signed with a MAC: {string.Join(", ", WireName.All<MacAlgorithm>())}.");
        if (header.TryGetProperty("nonce", out _))
            throw Malformed("The external account binding must not have a \"nonce\".");
        if (header.TryGetProperty("jwk", out _))
            throw Malformed("The external account binding must have a \"kid\" and no \"jwk\".");
        var kid = StrictJson.RequiredString(header, "kid", what);
        if (kid.Length is 0 or > MaxKidLength)
            throw Malformed($"The external account binding's \"kid\" must have 1 to {MaxKidLength} characters.");
        if (StrictJson.RequiredString(header, "url", what) != url)
            throw Malformed("The external account binding must have the same \"url\" as the request around it.");
        return (algorithm, kid);
    }

    private static void RequireKey(byte[] payload, JsonWebKey accountKey)
    {
        using var document = StrictJson.ParseObject(payload, "The external account binding's payload");
        if (JsonWebKey.Parse(document.RootElement).Canonical != accountKey.Canonical)
            throw Malformed("The external account binding's payload must be the account's key, the \"jwk\" of the request around it.");
    }

    private static byte[] Decode(string text, string name) =>
        StrictBase64Url.TryDecode(Encoding.UTF8.GetBytes(text), out var octets)
            ? octets
            : throw Malformed($"The member \"{name}\" of the external account binding is not base64url without padding.");

    private static AcmeException Malformed(string detail) => new(ProblemType.Malformed, detail);
}
