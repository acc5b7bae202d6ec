using System.Text.Json;
using CaServer.Domain;
using CaServer.Pki.Jose;
using CaServer.TestKit;

namespace CaServer.Tests.Pki.Jose;

/// <summary>Project Wycheproof's signature cases, most of them invalid on purpose.</summary>
public sealed class VectorTests
{
    [Theory]
    [InlineData("ecdsa_secp256r1_sha256_p1363_test.json", "publicKeyJwk")]
    [InlineData("ecdsa_secp384r1_sha384_p1363_test.json", "publicKeyJwk")]
    [InlineData("ecdsa_secp521r1_sha512_p1363_test.json", "publicKeyJwk")]
    [InlineData("ed25519_test.json", "publicKeyJwk")]
    [InlineData("rsa_signature_2048_sha256_test.json", "keyJwk")]
    public void Only_valid_signatures_verify(string file, string keyMember)
    {
        using var vectors = JsonDocument.Parse(File.ReadAllText(Vectors.Path("wycheproof/" + file)));
        var (right, total) = (0, 0);
        var wrong = new List<string>();
        foreach (var group in vectors.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            if (!group.TryGetProperty(keyMember, out var jwk))
                continue;
            using var key = TryImport(jwk);
            // A key that we refuse (such as RSA with the exponent 3) verifies nothing, valid or not.
            if (key is null)
                continue;
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                total++;
                var result = test.GetProperty("result").GetString();
                var verified = key.VerifySignature(
                    Convert.FromHexString(test.GetProperty("msg").GetString()!), Convert.FromHexString(test.GetProperty("sig").GetString()!));
                // "acceptable" cases may go either way.
                if (result == "acceptable" || verified == (result == "valid"))
                    right++;
                else
                    wrong.Add($"{test.GetProperty("tcId")}: {test.GetProperty("comment")} ({result})");
            }
        }
        Assert.True(total > 50, $"only {total} cases were found");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {total} differ: {string.Join("; ", wrong)}");
        Assert.Equal(total, right);
    }

    private static AccountKey? TryImport(JsonElement jwk)
    {
        try
        {
            return AccountKey.Import(JsonWebKey.Parse(jwk));
        }
        catch (AcmeException)
        {
            return null;
        }
    }
}
