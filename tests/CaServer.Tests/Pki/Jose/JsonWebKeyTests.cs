using CaServer.Domain;
using CaServer.Pki.Jose;
using CaServer.TestKit.Acme;

namespace CaServer.Tests.Pki.Jose;

public sealed class JsonWebKeyTests
{
    // RFC 7638 §3.1.
    private const string Rfc7638Modulus =
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

    [Fact]
    public void The_thumbprint_is_that_of_RFC_7638_whatever_the_order_and_the_other_members()
    {
        var key = JsonWebKey.Parse($$"""{ "n": "{{Rfc7638Modulus}}", "kty": "RSA", "alg": "RS256", "e": "AQAB", "kid": "2011-04-29" }""");
        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", key.Thumbprint);
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    [InlineData("RS256")]
    [InlineData("EdDSA")]
    public void A_key_of_each_kind_verifies_what_it_signed_and_nothing_else(string algorithm)
    {
        var signer = TestAccountKey.Create(algorithm);
        using var key = AccountKey.Import(JsonWebKey.Parse(signer.Jwk));
        var data = "signed"u8.ToArray();
        var signature = signer.Sign(data);
        Assert.True(key.VerifySignature(data, signature));
        Assert.False(key.VerifySignature("other"u8, signature));
        Assert.False(key.VerifySignature(data, signature.AsSpan(..^1)));
        Assert.False(key.VerifySignature(data, [.. signature, 0]));
    }

    [Theory]
    [InlineData("""{"kty":"oct","k":"AAAA"}""", ProblemType.BadPublicKey)]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA","d":"AAAA"}""", ProblemType.BadPublicKey)]
    [InlineData("""{"kty":"EC","crv":"secp256k1","x":"AAAA","y":"AAAA"}""", ProblemType.BadPublicKey)]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}""", ProblemType.Malformed)]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AAAA"}""", ProblemType.Malformed)]
    [InlineData("""{"kty":"EC","crv":"P-256","x":1,"y":"AAAA"}""", ProblemType.Malformed)]
    [InlineData("""{"kty":"RSA","n":"AAEC","e":"AQAB"}""", ProblemType.Malformed)]
    [InlineData("""{"kty":"RSA","n":"","e":"AQAB"}""", ProblemType.Malformed)]
    [InlineData("""{"kty":"RSA","n":"AQ==","e":"AQAB"}""", ProblemType.Malformed)]
    [InlineData("""{"kty":"OKP","crv":"X25519","x":"AAAA"}""", ProblemType.BadPublicKey)]
    [InlineData("""{"kty":"EC","kty":"EC"}""", ProblemType.Malformed)]
    [InlineData("""["EC"]""", ProblemType.Malformed)]
    public void A_JWK_that_is_no_usable_public_key_is_refused(string jwk, ProblemType expected) =>
        Assert.Equal(expected, Assert.Throws<AcmeException>(() => JsonWebKey.Parse(jwk)).Problem.Type);

    [Fact]
    public void A_point_off_the_curve_is_refused()
    {
        var one = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE";
        var jwk = JsonWebKey.Parse($$"""{"kty":"EC","crv":"P-256","x":"{{one}}","y":"{{one}}"}""");
        Assert.Equal(ProblemType.BadPublicKey, Assert.Throws<AcmeException>(() => AccountKey.Import(jwk)).Problem.Type);
    }

    [Fact]
    public void An_Ed25519_point_of_small_order_is_refused()
    {
        var jwk = JsonWebKey.Parse("""{"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""");
        Assert.Equal(ProblemType.BadPublicKey, Assert.Throws<AcmeException>(() => AccountKey.Import(jwk)).Problem.Type);
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(5120)]
    public void An_RSA_key_of_a_size_out_of_bounds_is_refused(int bits)
    {
        var jwk = () => AccountKey.Import(JsonWebKey.Parse(TestAccountKey.Rsa(bits).Jwk));
        Assert.Equal(ProblemType.BadPublicKey, Assert.Throws<AcmeException>(jwk).Problem.Type);
    }
}
