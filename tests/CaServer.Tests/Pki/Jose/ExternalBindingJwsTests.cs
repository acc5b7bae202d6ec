using System.Text.Json;
using CaServer.Domain;
using CaServer.Pki.Jose;
using CaServer.TestKit.Acme;

namespace CaServer.Tests.Pki.Jose;

/// <summary>RFC 8555 §7.3.4.</summary>
public sealed class ExternalBindingJwsTests
{
    private const string Url = "https://ca.example.org/acme/new-account";
    private static readonly TestAccountKey s_account = TestAccountKey.Create();
    private static readonly TestBinding s_binding = new("kid-1", [.. Enumerable.Range(0, 64).Select(i => (byte)i)]);

    [Theory]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    public void A_binding_verifies_with_its_key_and_no_other(string algorithm)
    {
        var jws = Parse(s_binding.Jws(s_account, Url, algorithm));
        Assert.Equal("kid-1", jws.Kid);
        Assert.True(jws.Verifies(s_binding.MacKey));
        Assert.False(jws.Verifies([.. s_binding.MacKey.Reverse()]));
        Assert.False(jws.Verifies(s_binding.MacKey.AsSpan(1)));
    }

    [Theory]
    [InlineData("HS256", "HS512")]
    [InlineData("HS512", "HS256")]
    public void A_MAC_of_another_algorithm_than_the_header_says_does_not_verify(string said, string used) =>
        Assert.False(Parse(s_binding.Jws(s_binding.Header(Url, said), s_account.Jwk, used)).Verifies(s_binding.MacKey));

    [Fact]
    public void A_cut_or_empty_MAC_does_not_verify()
    {
        var whole = s_binding.Jws(s_account, Url);
        var at = whole.IndexOf("\"signature\":\"", StringComparison.Ordinal) + "\"signature\":\"".Length;
        Assert.False(Parse(whole[..at] + "\"}").Verifies(s_binding.MacKey));
        Assert.False(Parse(whole[..(at + 20)] + "\"}").Verifies(s_binding.MacKey));
    }

    [Fact]
    public void The_stored_text_is_the_JWS_with_its_three_members_only()
    {
        var jws = s_binding.Jws(s_account, Url);
        Assert.Equal(jws, Parse(jws[..^1] + ",\"more\":1}").Json);
    }

    [Fact]
    public void The_payload_may_write_the_key_in_another_order_and_with_members_that_do_not_matter()
    {
        using var jwk = JsonDocument.Parse(s_account.Jwk);
        var (x, y) = (jwk.RootElement.GetProperty("x"), jwk.RootElement.GetProperty("y"));
        var payload = $$"""{ "y":"{{y}}", "x":"{{x}}", "use":"sig", "crv":"P-256", "kty":"EC" }""";
        Assert.True(Parse(s_binding.Jws(s_binding.Header(Url), payload)).Verifies(s_binding.MacKey));
    }

    [Theory]
    [InlineData("""{"alg":"ES256","kid":"k","url":"URL"}""", "must be signed with a MAC: HS256, HS384, HS512")]
    [InlineData("""{"alg":"none","kid":"k","url":"URL"}""", "must be signed with a MAC")]
    [InlineData("""{"kid":"k","url":"URL"}""", "\"alg\"")]
    [InlineData("""{"alg":"HS256","url":"URL"}""", "\"kid\"")]
    [InlineData("""{"alg":"HS256","kid":"","url":"URL"}""", "1 to 128 characters")]
    [InlineData("""{"alg":"HS256","kid":7,"url":"URL"}""", "\"kid\"")]
    [InlineData("""{"alg":"HS256","kid":"k"}""", "\"url\"")]
    [InlineData("""{"alg":"HS256","kid":"k","url":"URL/"}""", "same \"url\"")]
    [InlineData("""{"alg":"HS256","kid":"k","url":"URL","nonce":"AAAA"}""", "must not have a \"nonce\"")]
    [InlineData("""{"alg":"HS256","kid":"k","url":"URL","jwk":{}}""", "no \"jwk\"")]
    [InlineData("""{"alg":"HS256","kid":"k","url":"URL","crit":["b64"]}""", "\"crit\"")]
    [InlineData("""{"alg":"HS256","kid":"k","url":"URL","b64":true}""", "\"b64\"")]
    [InlineData("""{"alg":"HS256","kid":"k","kid":"l","url":"URL"}""", "duplicate")]
    [InlineData("""[]""", "JSON object")]
    public void A_header_that_breaks_a_rule_is_malformed(string header, string words) =>
        Refused(s_binding.Jws(header.Replace("URL", Url, StringComparison.Ordinal), s_account.Jwk), words);

    [Fact]
    public void Another_key_in_the_payload_is_malformed() =>
        Refused(s_binding.Jws(s_binding.Header(Url), TestAccountKey.Create().Jwk), "must be the account's key");

    [Theory]
    [InlineData("\"text\"", "flattened")]
    [InlineData("{}", "\"protected\"")]
    [InlineData("""{"protected":"e30","payload":"e30"}""", "\"signature\"")]
    [InlineData("""{"protected":"e30=","payload":"e30","signature":""}""", "base64url")]
    [InlineData("""{"protected":"e30","payload":"e30","signature":"","header":{}}""", "unprotected header")]
    [InlineData("""{"payload":"e30","signatures":[]}""", "exactly one signature")]
    public void What_is_no_flattened_JWS_is_malformed(string jws, string words) => Refused(jws, words);

    private static void Refused(string jws, string words)
    {
        var problem = Assert.Throws<AcmeException>(() => Parse(jws)).Problem;
        Assert.Equal(ProblemType.Malformed, problem.Type);
        Assert.Contains(words, problem.Detail, StringComparison.Ordinal);
    }

    private static ExternalBindingJws Parse(string jws)
    {
        using var document = JsonDocument.Parse(jws);
        return ExternalBindingJws.Parse(document.RootElement, Url, JsonWebKey.Parse(s_account.Jwk));
    }
}
