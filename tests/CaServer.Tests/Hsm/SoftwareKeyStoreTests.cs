using CaServer.Hsm;
using CaServer.TestKit.Processes;

namespace CaServer.Tests.Hsm;

public sealed class SoftwareKeyStoreTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("caserver-keys-").FullName;

    private string KeyFile => Path.Combine(_directory, "issuer.key.pem");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(CaKeyKind.P256)]
    [InlineData(CaKeyKind.P384)]
    [InlineData(CaKeyKind.Rsa2048)]
    public void A_key_signs_and_is_read_back_with_the_passphrase(CaKeyKind kind)
    {
        using var store = SoftwareKeyStore.Open(_directory, "secret");
        using var made = store.Generate("issuer", kind);
        using var found = store.Find("issuer");

        Assert.NotNull(found);
        Assert.Equal(kind, found.Kind);
        Assert.Equal(made.SubjectPublicKeyInfo, found.SubjectPublicKeyInfo);
        SignatureAssert.Signs(made);
        SignatureAssert.Signs(found);
    }

    [Fact]
    public void A_key_file_is_encrypted_and_only_its_owner_may_read_it()
    {
        using var store = SoftwareKeyStore.Open(_directory, "secret");
        using var key = store.Generate("issuer", CaKeyKind.P256);

        Assert.StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----", File.ReadAllText(KeyFile), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        Assert.Equal(HsmFault.KeyExists, Assert.Throws<HsmException>(() => store.Generate("issuer", CaKeyKind.P256)).Fault);
    }

    [Fact]
    public async Task OpenSSL_reads_a_key_file_with_the_passphrase()
    {
        using var store = SoftwareKeyStore.Open(_directory, "secret");
        using var key = store.Generate("issuer", CaKeyKind.P256);

        var read = await ExternalProgram.Find("openssl").RunAsync(
            ["pkey", "-in", KeyFile, "-passin", "env:PASSPHRASE", "-pubout"],
            new Dictionary<string, string> { ["PASSPHRASE"] = "secret" },
            TestContext.Current.CancellationToken);

        Assert.Contains(Convert.ToBase64String(key.SubjectPublicKeyInfo), read.Succeeded().Output.ReplaceLineEndings(""), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_passphrase_is_a_pin_fault()
    {
        using (var store = SoftwareKeyStore.Open(_directory, "secret"))
            store.Generate("issuer", CaKeyKind.P256).Dispose();
        using var other = SoftwareKeyStore.Open(_directory, "another");

        Assert.Equal(HsmFault.PinIncorrect, Assert.Throws<HsmException>(() => other.Find("issuer")).Fault);
    }

    [Fact]
    public void A_key_file_that_others_may_read_is_refused_with_the_command_that_cures_it()
    {
        using var store = SoftwareKeyStore.Open(_directory, "secret");
        store.Generate("issuer", CaKeyKind.P256).Dispose();
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.GroupRead);

        var refusal = Assert.Throws<HsmException>(() => store.Find("issuer"));

        Assert.Equal(HsmFault.KeyUnusable, refusal.Fault);
        Assert.Contains($"chmod 600 '{KeyFile}'", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../issuer")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    public void A_label_that_is_no_plain_file_name_is_refused(string label)
    {
        using var store = SoftwareKeyStore.Open(_directory, "secret");

        Assert.Throws<ArgumentException>(() => store.Find(label));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a key")]
    [InlineData("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")]
    public void A_damaged_key_file_is_an_HsmException(string contents)
    {
        using var store = SoftwareKeyStore.Open(_directory, "secret");
        File.WriteAllText(KeyFile, contents);
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Assert.Throws<HsmException>(() => store.Find("issuer"));
    }
}
