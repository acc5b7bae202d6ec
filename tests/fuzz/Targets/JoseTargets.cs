using System.Buffers.Text;
using System.Text;
using CaServer.Pki.Jose;

namespace CaServer.Fuzz;

/// <summary>Signed requests and keys.</summary>
internal static class JoseTargets
{
    private static readonly byte[] s_signature = new byte[64];

    /// <summary>The octets as a request body; if they begin like an object, as the protected header of one as well.</summary>
    internal static void Jws(byte[] input)
    {
        FuzzTarget.Refusable(() => Read(FlattenedJws.Parse(input)));
        if (input is [(byte)'{', ..])
            FuzzTarget.Refusable(() => Read(FlattenedJws.Parse(Requests.Body(input, "{}"u8, s_signature))));
    }

    /// <summary>The octets as a JWK.</summary>
    internal static void Jwk(byte[] input) => FuzzTarget.Refusable(() =>
    {
        using var document = StrictJson.ParseObject(input, "The JWK");
        var jwk = JsonWebKey.Parse(document.RootElement);
        FuzzTarget.Require(JsonWebKey.Parse(jwk.Canonical).Canonical == jwk.Canonical, "a canonical key has another canonical form");
        using var key = AccountKey.Import(jwk);
        FuzzTarget.Require(key.SubjectPublicKeyInfo.Length > 0, "a key has no SubjectPublicKeyInfo");
        FuzzTarget.Require(!key.VerifySignature("octets"u8, new byte[jwk.First.Length * (jwk.Algorithm == SignatureAlgorithm.RS256 ? 1 : 2)]), "a key verifies a signature of zeros");
    });

    /// <summary>The octets as base64url; one octet string has one text.</summary>
    internal static void Base64(byte[] input)
    {
        if (StrictBase64Url.TryDecode(input, out var octets))
            FuzzTarget.Require(Base64Url.EncodeToUtf8(octets).AsSpan().SequenceEqual(input), "two texts stand for the same octets");
    }

    private static void Read(FlattenedJws jws)
    {
        FuzzTarget.Require(jws.Kid is null != jws.Jwk is null, "neither or both of kid and jwk");
        if (jws.Kid is { } kid && Requests.Urls.TryParseAccount(kid, out var id))
            FuzzTarget.Require(Requests.Urls.Account(id) == kid, "two URLs name one account");
        if (jws.Jwk is not { } jwk)
            return;
        using var key = AccountKey.Import(jwk);
        // Only a seed, whose signature somebody made, verifies.
        FuzzTarget.Require(!key.Verifies(jws) || Encoding.UTF8.GetString(jws.Raw.Span).Contains(Base64Url.EncodeToString(jws.Signature), StringComparison.Ordinal), "a signature that is not there");
    }
}
