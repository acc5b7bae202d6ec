using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CaServer.Bench.Acme;

namespace CaServer.Tests.Bench;

public sealed class AccountSignerTests
{
    [Fact]
    public void The_first_request_carries_the_key_that_verifies_it()
    {
        using var signer = new AccountSigner();
        var (header, verified) = Open(signer.Sign("https://localhost/new", "n0", "{}"u8), key: null);
        Assert.True(verified);
        Assert.Equal("https://localhost/new", header.GetProperty("url").GetString());
        Assert.Equal("n0", header.GetProperty("nonce").GetString());
        Assert.Equal(signer.Thumbprint, Thumbprint(header.GetProperty("jwk")));
    }

    [Fact]
    public void Once_the_account_exists_its_url_replaces_the_key()
    {
        using var signer = new AccountSigner();
        var (first, _) = Open(signer.Sign("https://localhost/new", "n0", "{}"u8), key: null);
        signer.Kid = "https://localhost/account/1";
        var (second, verified) = Open(signer.Sign("https://localhost/order", "n1", default), first.GetProperty("jwk"));
        Assert.True(verified);
        Assert.Equal("https://localhost/account/1", second.GetProperty("kid").GetString());
        Assert.False(second.TryGetProperty("jwk", out _));
    }

    private static (JsonElement Header, bool Verified) Open(byte[] jws, JsonElement? key)
    {
        using var document = JsonDocument.Parse(jws);
        var (header, payload, signature) = (Member("protected"), Member("payload"), Member("signature"));
        var parsed = JsonDocument.Parse(Base64Url.DecodeFromChars(header)).RootElement;
        var jwk = key ?? parsed.GetProperty("jwk");
        using var ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint
            {
                X = Base64Url.DecodeFromChars(jwk.GetProperty("x").GetString()),
                Y = Base64Url.DecodeFromChars(jwk.GetProperty("y").GetString()),
            },
        });
        return (parsed, ecdsa.VerifyData(Encoding.ASCII.GetBytes($"{header}.{payload}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256));

        string Member(string name) => document.RootElement.GetProperty(name).GetString()!;
    }

    // RFC 7638 §3, written out again: required members in lexical order, without white space.
    private static string Thumbprint(JsonElement jwk) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(
        $"{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{jwk.GetProperty("x")}\",\"y\":\"{jwk.GetProperty("y")}\"}}")));
}
