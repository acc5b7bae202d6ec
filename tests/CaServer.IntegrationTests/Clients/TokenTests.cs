using System.Runtime.Versioning;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Clients;

/// <summary>What OpenSC's pkcs11-tool, which knows nothing of this server, sees in the tokens that the first start made.</summary>
[Collection(RealClientsTests.Name)]
[SupportedOSPlatform("linux")]
public sealed class TokenTests(RealClients clients)
{
    private static readonly ExternalProgram Pkcs11Tool = ExternalProgram.Find("pkcs11-tool");
    private static readonly string[] SoftHsmModules =
        ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so"];

    // All of them are made before the server listens, the OCSP responder's too.
    [Theory]
    [InlineData("caserver-issuing", "issuing.pin", "EC_POINT 256 bits", "caserver-issuing", "caserver-issuing-ocsp")]
    [InlineData("caserver-root", "root.pin", "EC_POINT 384 bits", "caserver-root")]
    public async Task Private_keys_were_made_in_the_token_and_never_leave_it(string token, string pinFile, string kind, params string[] labels)
    {
        var pin = (await File.ReadAllTextAsync(InHsm(pinFile), TestContext.Current.CancellationToken)).Trim();

        var privateKeys = Objects(await ListObjectsAsync(token, "privkey", pin), "Private Key Object");
        Assert.Equal(labels, privateKeys.Select(Label).Order(StringComparer.Ordinal));
        Assert.All(privateKeys, key =>
        {
            Assert.Contains("Usage:      sign\n", key, StringComparison.Ordinal);
            Assert.Contains("Access:     sensitive, always sensitive, never extractable, local\n", key, StringComparison.Ordinal);
        });

        var publicKeys = Objects(await ListObjectsAsync(token, "pubkey", pin), "Public Key Object");
        Assert.Equal(labels, publicKeys.Select(Label).Order(StringComparer.Ordinal));
        Assert.All(publicKeys, key => Assert.Contains(kind, key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_PIN_no_private_key_is_to_be_seen()
    {
        Assert.DoesNotContain("Private Key Object", await ListObjectsAsync("caserver-issuing", "privkey", pin: null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("issuing.pin")]
    [InlineData("root.pin")]
    public void A_PIN_file_is_for_the_server_alone(string pinFile) =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(InHsm(pinFile)));

    private async Task<string> ListObjectsAsync(string token, string type, string? pin)
    {
        string[] login = pin is null ? [] : ["--login", "--pin", "env:TOKEN_PIN"];
        var result = await Pkcs11Tool.RunAsync(
            ["--module", SoftHsmModules.First(File.Exists), "--token-label", token, .. login, "--list-objects", "--type", type],
            new Dictionary<string, string> { ["SOFTHSM2_CONF"] = InHsm("softhsm2.conf"), ["TOKEN_PIN"] = pin ?? "" },
            TestContext.Current.CancellationToken);
        return result.Succeeded().Output;
    }

    private static string[] Objects(string listing, string heading) =>
        [.. listing.Split(heading).Skip(1).Select(lines => lines + "\n")];

    private static string Label(string keyObject) =>
        keyObject.Split('\n').Single(line => line.StartsWith("  label:", StringComparison.Ordinal)).Split(':')[1].Trim();

    private string InHsm(string name) => Path.Combine(clients.Server.DataDirectory, "hsm", name);
}
