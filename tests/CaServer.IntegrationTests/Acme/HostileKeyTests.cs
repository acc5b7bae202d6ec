using System.Buffers.Text;
using System.Security.Cryptography;
using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Acme;

/// <summary>Keys that newAccount refuses (RFC 7518 §6, RFC 8555 §6.2, §11.1), before it verifies anything with them.</summary>
public sealed class HostileKeyTests(AcmeServer acme)
{
    private const string Malformed = "malformed";
    private const string BadKey = "badPublicKey";

    private static readonly byte[] s_exponent = [1, 0, 1];
    private static readonly string s_zeros = Base64Url.EncodeToString(new byte[32]);
    private static readonly string s_ones = Base64Url.EncodeToString(Enumerable.Repeat((byte)0xff, 32).ToArray());

    private static readonly Dictionary<string, (string Type, string Algorithm, Func<string> Jwk)> s_cases = new()
    {
        ["an RSA key of 1024 bits"] = (BadKey, "RS256", () => Rsa(Modulus(1024))),
        ["an RSA key of 2047 bits"] = (BadKey, "RS256", () => Rsa([(byte)(Modulus(2048)[0] & 0x7f | 0x40), .. Modulus(2048)[1..]])),
        ["an RSA key of 4104 bits"] = (BadKey, "RS256", () => Rsa(Modulus(4104))),
        ["an RSA key of 65,536 bits"] = (BadKey, "RS256", () => Rsa(Modulus(65_536))),
        ["an RSA exponent of 1"] = (BadKey, "RS256", () => Rsa(Modulus(2048), 1)),
        ["an RSA exponent of 3"] = (BadKey, "RS256", () => Rsa(Modulus(2048), 3)),
        ["an even RSA exponent"] = (BadKey, "RS256", () => Rsa(Modulus(2048), 1, 0, 2)),
        ["an RSA exponent as long as the modulus"] = (BadKey, "RS256", () => Rsa(Modulus(2048), Modulus(2048))),
        ["an even RSA modulus"] = (BadKey, "RS256", () => Rsa([.. Modulus(2048)[..^1], 2])),
        ["an RSA modulus with a leading zero"] = (Malformed, "RS256", () => Rsa([0, .. Modulus(2048)])),
        ["an RSA exponent with a leading zero"] = (Malformed, "RS256", () => Rsa(Modulus(2048), 0, 1, 0, 1)),
        ["no RSA exponent"] = (Malformed, "RS256", () => Rsa(Modulus(2048), [])),
        ["a point that is not on the curve"] = (BadKey, "ES256", () => Ec(Coordinate(1), Coordinate(1))),
        ["the point at infinity"] = (BadKey, "ES256", () => Ec(s_zeros, s_zeros)),
        ["coordinates beyond the field"] = (BadKey, "ES256", () => Ec(s_ones, s_ones)),
        ["a coordinate that is too short"] = (Malformed, "ES256", () => Ec(Base64Url.EncodeToString(new byte[31]), s_zeros)),
        ["a coordinate that is too long"] = (BadKey, "ES256", () => Ec(Base64Url.EncodeToString(new byte[33]), s_zeros)),
        ["a coordinate with padding"] = (Malformed, "ES256", () => Ec(s_zeros[..^1] + "=", s_zeros)),
        ["a coordinate that is no text"] = (Malformed, "ES256", () => """{"kty":"EC","crv":"P-256","x":1,"y":2}"""),
        ["no coordinate"] = (Malformed, "ES256", () => """{"kty":"EC","crv":"P-256"}"""),
        ["a curve that is not offered"] = (BadKey, "ES256", () => """{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"""),
        ["a private key"] = (BadKey, "ES256", () => TestAccountKey.Create().Jwk[..^1] + ",\"d\":\"AA\"}"),
        ["a symmetric key"] = (BadKey, "HS256", () => """{"kty":"oct","k":"AA"}"""),
        ["a kind of key that is not known"] = (BadKey, "ES256", () => """{"kty":"XX"}"""),
        ["no kind of key"] = (Malformed, "ES256", () => "{}"),
        ["a key that is a text"] = (Malformed, "ES256", () => "\"key\""),
        ["a key that is null"] = (Malformed, "ES256", () => "null"),
        ["a coordinate twice"] = (Malformed, "ES256", () => TestAccountKey.Create().Jwk[..^1] + $",\"x\":\"{s_zeros}\"}}"),
        ["an Ed25519 point of small order"] = (BadKey, "EdDSA", () => $$"""{"kty":"OKP","crv":"Ed25519","x":"{{s_zeros}}"}"""),
        ["an Ed25519 point that is not on the curve"] = (BadKey, "EdDSA", () => $$"""{"kty":"OKP","crv":"Ed25519","x":"{{s_ones}}"}"""),
        ["an X25519 key"] = (BadKey, "EdDSA", () => $$"""{"kty":"OKP","crv":"X25519","x":"{{s_zeros}}"}"""),
    };

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory, MemberData(nameof(Cases))]
    public async Task An_account_key_that_is_no_good_is_refused_and_its_connection_serves_on(string what)
    {
        await using var client = new CountedClient(acme.Server);
        var session = await client.OpenAsync();
        var (type, algorithm, jwk) = s_cases[what];
        var url = session.Url("newAccount");
        var header = $$"""{"alg":"{{algorithm}}","nonce":"{{await session.NonceAsync()}}","url":"{{url}}","jwk":{{jwk()}}}""";

        // Signed with a key that is good: what is wrong is found before.
        var answer = await session.SendAsync(HttpMethod.Post, url, TestAccountKey.Create().Jws(header, """{"termsOfServiceAgreed":true}"""));

        Assert.True(answer.Status == 400 && answer.ProblemType == (algorithm == "HS256" ? "badSignatureAlgorithm" : type), answer.ToString());
        await session.CreateAccountAsync();
        Assert.Equal(1, client.Connections);
    }

    private static byte[] Modulus(int bits)
    {
        var modulus = RandomNumberGenerator.GetBytes(bits / 8);
        modulus[0] |= 0x80;
        modulus[^1] |= 1;
        return modulus;
    }

    private static string Rsa(byte[] modulus) => Rsa(modulus, s_exponent);

    private static string Rsa(byte[] modulus, params byte[] exponent) =>
        $$"""{"kty":"RSA","n":"{{Base64Url.EncodeToString(modulus)}}","e":"{{Base64Url.EncodeToString(exponent)}}"}""";

    private static string Ec(string x, string y) => $$"""{"kty":"EC","crv":"P-256","x":"{{x}}","y":"{{y}}"}""";

    private static string Coordinate(byte last) => Base64Url.EncodeToString([.. new byte[31], last]);
}
