using System.Buffers.Text;
using System.Text;
using CaServer.Domain;
using CaServer.Pki.Jose;
using CaServer.TestKit.Acme;

namespace CaServer.Tests.Pki.Jose;

public sealed class FlattenedJwsTests
{
    private const string Kid = "https://ca.test/acme/account/1";
    private const string GoodHeader = """{"alg":"ES256","nonce":"abc","url":"https://ca.test/x","kid":"https://ca.test/acme/account/1"}""";

    private static readonly TestAccountKey s_key = TestAccountKey.Create();

    [Fact]
    public void A_good_request_is_read_and_verifies_with_its_key_only()
    {
        var jws = Parse(s_key.Jws(GoodHeader, """{"a":1}"""));
        Assert.Equal((SignatureAlgorithm.ES256, "abc", "https://ca.test/x", Kid), (jws.Algorithm, jws.Nonce, jws.Url, jws.Kid));
        Assert.Equal("""{"a":1}""", Encoding.UTF8.GetString(jws.Payload));
        using var key = AccountKey.Import(JsonWebKey.Parse(s_key.Jwk));
        using var other = AccountKey.Import(JsonWebKey.Parse(TestAccountKey.Create().Jwk));
        Assert.True(key.Verifies(jws));
        Assert.False(other.Verifies(jws));
    }

    [Fact]
    public void That_a_request_verified_says_nothing_about_another_key_or_other_octets()
    {
        var good = s_key.Jws(GoodHeader, """{"a":2}""");
        using var key = AccountKey.Import(JsonWebKey.Parse(s_key.Jwk));
        using var other = AccountKey.Import(JsonWebKey.Parse(TestAccountKey.Create().Jwk));
        var signature = good.IndexOf("\"signature\":\"", StringComparison.Ordinal) + 13;
        var forged = good[..signature] + (good[signature] == 'A' ? 'B' : 'A') + good[(signature + 1)..];
        for (var i = 0; i < 2; i++)
        {
            Assert.True(key.Verifies(Parse(good)));
            Assert.False(other.Verifies(Parse(good)));
            Assert.False(key.Verifies(Parse(forged)));
        }
    }

    [Fact]
    public void An_algorithm_that_does_not_go_with_the_key_never_verifies()
    {
        var rsa = TestAccountKey.Create("RS256");
        var jws = Parse(rsa.Jws(GoodHeader.Replace("ES256", "RS256"), "{}"));
        using var key = AccountKey.Import(JsonWebKey.Parse(s_key.Jwk));
        Assert.False(key.Verifies(jws));
    }

    [Theory]
    [InlineData("""{"alg":"none","nonce":"abc","url":"u","kid":"k"}""", ProblemType.BadSignatureAlgorithm)]
    [InlineData("""{"alg":"HS256","nonce":"abc","url":"u","kid":"k"}""", ProblemType.BadSignatureAlgorithm)]
    [InlineData("""{"alg":"es256","nonce":"abc","url":"u","kid":"k"}""", ProblemType.BadSignatureAlgorithm)]
    [InlineData("""{"nonce":"abc","url":"u","kid":"k"}""", ProblemType.Malformed)]
    [InlineData("""{"alg":"ES256","nonce":"abc","kid":"k"}""", ProblemType.Malformed)]
    [InlineData("""{"alg":"ES256","nonce":"abc","url":"u"}""", ProblemType.Malformed)]
    [InlineData("""{"alg":"ES256","nonce":"abc","url":"u","kid":"k","jwk":{}}""", ProblemType.Malformed)]
    [InlineData("""{"alg":"ES256","nonce":1,"url":"u","kid":"k"}""", ProblemType.Malformed)]
    [InlineData("""{"alg":"ES256","nonce":"abc","url":"u","kid":"k","crit":["exp"],"exp":1}""", ProblemType.Malformed)]
    [InlineData("""{"alg":"ES256","nonce":"abc","url":"u","kid":"k","b64":false}""", ProblemType.Malformed)]
    [InlineData("""{"alg":"ES256","alg":"ES256","nonce":"abc","url":"u","kid":"k"}""", ProblemType.Malformed)]
    [InlineData("""{"alg":"ES256","nonce":"abc","url":"u","kid":"k"} x""", ProblemType.Malformed)]
    [InlineData("""[]""", ProblemType.Malformed)]
    [InlineData("""{"alg":"ES256","nonce":"abc","url":"\ud800","kid":"k"}""", ProblemType.Malformed)]
    [InlineData("""{"alg":"ES256","nonce":"abc","url":"u","kid":"k","\ud800":1}""", ProblemType.Malformed)]
    [InlineData("""{"alg":"ES256","nonce":"abc","url":"u","kid":"k","x":{"\udc00":1}}""", ProblemType.Malformed)]
    public void A_bad_protected_header_is_refused_with_the_right_type(string header, ProblemType expected) =>
        Assert.Equal(expected, Refusal(s_key.Jws(header, "{}")));

    [Fact]
    public void The_supported_algorithms_are_listed_with_the_refusal()
    {
        var e = Assert.Throws<AcmeException>(() => Parse(s_key.Jws("""{"alg":"PS256","url":"u","kid":"k"}""", "{}")));
        Assert.Contains("ES256", e.Problem.Algorithms);
    }

    [Theory]
    [InlineData("signatures", """[{"protected":"e30","signature":""}]""")]
    [InlineData("header", """{"alg":"ES256"}""")]
    [InlineData("signature", "\"AA\"")]
    public void A_second_signature_or_an_unprotected_header_is_refused(string member, string value)
    {
        var good = s_key.Jws(GoodHeader, "{}");
        Assert.Equal(ProblemType.Malformed, Refusal(good[..^1] + $",\"{member}\":{value}}}"));
    }

    [Fact]
    public void The_compact_serialization_is_refused() => Assert.Equal(ProblemType.Malformed, Refusal("e30.e30.AA"));

    [Theory]
    [InlineData("AA==")]
    [InlineData("AA ")]
    [InlineData("AB")]
    [InlineData("A")]
    [InlineData("+/8A")]
    public void A_payload_that_is_not_canonical_base64url_is_refused(string payload)
    {
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(GoodHeader));
        Assert.Equal(ProblemType.Malformed, Refusal($$"""{"protected":"{{header}}","payload":"{{payload}}","signature":"AAAA"}"""));
    }

    [Fact]
    public void Invalid_UTF_8_is_refused()
    {
        var octets = Encoding.ASCII.GetBytes(s_key.Jws(GoodHeader, "{}"));
        octets[2] = 0xff;
        Assert.Equal(ProblemType.Malformed, Assert.Throws<AcmeException>(() => FlattenedJws.Parse(octets)).Problem.Type);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 100)) + string.Concat(Enumerable.Repeat("]", 100));
        Assert.Equal(ProblemType.Malformed, Refusal($$"""{"protected":{{deep}},"payload":"","signature":""}"""));
    }

    private static FlattenedJws Parse(string text) => FlattenedJws.Parse(Encoding.UTF8.GetBytes(text));

    private static ProblemType Refusal(string text) => Assert.Throws<AcmeException>(() => Parse(text)).Problem.Type;
}
