using CaServer.Hsm;
using CaServer.TestKit.Hsm;

namespace CaServer.Tests.Hsm;

/// <summary>What can only be seen while no other test makes the module, which all share, re-initialise.</summary>
[CollectionDefinition(nameof(WholeModule), DisableParallelization = true)]
public sealed class WholeModule;

[Collection(nameof(WholeModule))]
public sealed class WholeModuleTests
{
    [Fact]
    public void Every_token_works_again_after_somebody_else_finalized_the_module()
    {
        var first = TestToken.Create();
        var second = TestToken.Create();
        using var root = first.Open();
        using var issuing = second.Open();
        using var rootKey = root.Generate("root", CaKeyKind.P384);
        using var issuingKey = issuing.Generate("issuing", CaKeyKind.P256);

        ForeignUser.FinalizeModule(first);

        SignatureAssert.Signs(issuingKey);
        SignatureAssert.Signs(rootKey);
    }

    [Fact]
    public void Disposing_logs_out_while_the_module_serves_other_tokens()
    {
        var test = TestToken.Create();
        using var other = TestToken.Create().Open();
        var token = test.Open();
        Assert.True(ForeignUser.IsLoggedIn(test));

        token.Dispose();

        Assert.False(ForeignUser.IsLoggedIn(test));
        Assert.Throws<ObjectDisposedException>(() => token.Find("issuer"));
    }

    [Fact]
    public void Disposing_one_of_two_users_of_a_token_leaves_the_other_logged_in()
    {
        var test = TestToken.Create();
        var first = test.Open();
        using var second = test.Open();
        using var key = second.Generate("issuer", CaKeyKind.P256);
        first.Dispose();

        Assert.True(ForeignUser.IsLoggedIn(test));
        SignatureAssert.Signs(key);
    }
}
