using CaServer.Hsm;
using CaServer.TestKit.Hsm;

namespace CaServer.Tests.Hsm;

public sealed class SoftHsmTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Fact]
    public void Tokens_lie_below_the_given_directory_where_only_the_owner_may_look()
    {
        var test = TestToken.Create();
        using var token = test.Open();
        using var key = token.Generate("issuer", CaKeyKind.P256);
        var directory = Path.GetDirectoryName(TestToken.ConfigurationPath)!;
        var tokens = Path.Combine(directory, "tokens");

        Assert.Contains($"directories.tokendir = {tokens}\n", File.ReadAllText(TestToken.ConfigurationPath), StringComparison.Ordinal);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(tokens));
        Assert.NotEmpty(Directory.GetDirectories(tokens));
    }

    [Fact]
    public void Configuring_the_same_directory_again_changes_nothing()
    {
        _ = TestToken.Reserve();

        Assert.Equal(TestToken.ConfigurationPath, SoftHsm.Configure(Path.GetDirectoryName(TestToken.ConfigurationPath)!));
    }

    [Fact]
    public void A_second_directory_in_one_process_is_refused()
    {
        _ = TestToken.Reserve();

        Assert.Throws<InvalidOperationException>(() => SoftHsm.Configure("/nowhere"));
    }

    [Theory]
    [InlineData("/tmp/ca#server")]
    [InlineData("/tmp/ca=server")]
    [InlineData("/tmp/ca\nserver")]
    public void A_path_that_the_configuration_file_cannot_express_is_refused(string directory)
    {
        _ = TestToken.Reserve();

        Assert.Equal(HsmFault.StorageUnusable, Assert.Throws<HsmException>(() => SoftHsm.Configure(directory)).Fault);
    }
}
