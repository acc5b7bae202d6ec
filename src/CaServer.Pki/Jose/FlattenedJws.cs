using System.Text;
using System.Text.Json;
using CaServer.Domain;

namespace CaServer.Pki.Jose;

/// <summary>
/// A request body: a JWS in flattened JSON serialization (RFC 7515 §7.2.2) with the header members that RFC 8555 §6.2 wants.
/// Reading it verifies nothing; <see cref="AccountKey.Verifies"/> does.
/// </summary>
public sealed class FlattenedJws
{
    private const int MaxUrlLength = 1024;

    private FlattenedJws()
    {
    }

    /// <summary>The request, byte for byte as received.</summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>The algorithm.</summary>
    public required SignatureAlgorithm Algorithm { get; init; }

    /// <summary>The anti-replay nonce; null if there is none, as in an inner JWS.</summary>
    public required string? Nonce { get; init; }

    /// <summary>The URL that the request was made for.</summary>
    public required string Url { get; init; }

    /// <summary>The account's URL; null if <see cref="Jwk"/> is there.</summary>
    public required string? Kid { get; init; }

    /// <summary>The embedded key; null if <see cref="Kid"/> is there.</summary>
    public required JsonWebKey? Jwk { get; init; }

    /// <summary>The decoded payload; empty for POST-as-GET.</summary>
    public required byte[] Payload { get; init; }

    /// <summary>Whether the payload is the empty string (RFC 8555 §6.3), which is not the same as an empty object.</summary>
    public bool IsPostAsGet => Payload.Length == 0;

    internal byte[] SigningInput { get; private init; } = [];

    internal byte[] Signature { get; private init; } = [];

    /// <summary>Reads a request body.</summary>
    /// <exception cref="AcmeException">malformed, badSignatureAlgorithm or badPublicKey.</exception>
    public static FlattenedJws Parse(ReadOnlyMemory<byte> utf8)
    {
        using var document = StrictJson.ParseObject(utf8, "The request body");
        var jws = document.RootElement;
        // RFC 8555 §6.2: one signature, and everything signed.
        if (jws.TryGetProperty("signatures", out _))
            throw Malformed("The JWS has a \"signatures\" member; send the flattened serialization with exactly one signature.");
        if (jws.TryGetProperty("header", out _))
            throw Malformed("The JWS has an unprotected header; put every header member into \"protected\".");

        var protectedText = Ascii(jws, "protected");
        var payloadText = Ascii(jws, "payload");
        var signatureText = Ascii(jws, "signature");
        var headerOctets = Decode(protectedText, "protected");
        var payload = Decode(payloadText, "payload");
        var signature = Decode(signatureText, "signature");

        using var headerDocument = StrictJson.ParseObject(headerOctets, "The protected header");
        var header = headerDocument.RootElement;
        // RFC 7515 §4.1.11: an extension that must be understood and is not makes the JWS invalid. We understand none.
        if (header.TryGetProperty("crit", out _))
            throw Malformed("The protected header has \"crit\"; this server supports no critical extensions.");
        // RFC 7797 §6: b64 without crit is an error too.
        if (header.TryGetProperty("b64", out _))
            throw Malformed("The protected header has \"b64\"; payloads are always base64url here.");

        var algorithmName = StrictJson.RequiredString(header, "alg", "the protected header");
        if (!WireName.TryParse<SignatureAlgorithm>(algorithmName, out var algorithm))
        {
            throw new AcmeException(new AcmeProblem(ProblemType.BadSignatureAlgorithm, "The JWS algorithm is not supported; use one of those listed in \"algorithms\".")
            {
                Algorithms = [.. WireName.All<SignatureAlgorithm>()],
            });
        }
        var url = StrictJson.RequiredString(header, "url", "the protected header");
        if (url.Length > MaxUrlLength)
            throw Malformed("The protected header's \"url\" is too long.");
        var kid = StrictJson.OptionalString(header, "kid", "the protected header");
        var hasJwk = header.TryGetProperty("jwk", out var jwk);
        // RFC 8555 §6.2: exactly one of the two.
        if (hasJwk == (kid is not null))
            throw Malformed("The protected header must have exactly one of \"jwk\" and \"kid\".");

        var input = new byte[protectedText.Length + 1 + payloadText.Length];
        protectedText.CopyTo(input, 0);
        input[protectedText.Length] = (byte)'.';
        payloadText.CopyTo(input, protectedText.Length + 1);

        return new FlattenedJws
        {
            Raw = utf8,
            Algorithm = algorithm,
            Nonce = StrictJson.OptionalString(header, "nonce", "the protected header"),
            Url = url,
            Kid = kid,
            Jwk = hasJwk ? JsonWebKey.Parse(jwk) : null,
            Payload = payload,
            SigningInput = input,
            Signature = signature,
        };
    }

    private static byte[] Ascii(JsonElement jws, string name) =>
        Encoding.UTF8.GetBytes(StrictJson.RequiredString(jws, name, "the JWS"));

    private static byte[] Decode(byte[] text, string name) =>
        StrictBase64Url.TryDecode(text, out var octets)
            ? octets
            : throw Malformed($"The JWS member \"{name}\" is not base64url without padding.");

    private static AcmeException Malformed(string detail) => new(ProblemType.Malformed, detail);
}
