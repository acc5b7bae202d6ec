using CaServer.Hsm;
using CaServer.Signing;
using CaServer.TestKit.Evidence;
using CaServer.TestKit.Hsm;

namespace CaServer.Tests.Signing;

/// <summary>The same with keys that never leave a PKCS#11 token.</summary>
public sealed class TokenIssuanceTests
{
    [Fact]
    public async Task Keys_in_tokens_make_a_hierarchy_and_issue_at_once_while_the_root_token_is_closed()
    {
        using var issuingToken = TestToken.Create().Open(sessions: 4);
        using var issuingKey = issuingToken.Generate("issuing", CaKeyKind.P256);
        SigningWorld world;
        using (var rootToken = TestToken.Create().Open())
        using (var rootKey = rootToken.Generate("root", CaKeyKind.P384))
            world = new SigningWorld(rootKey.SignatureGenerator, issuingKey.SignatureGenerator);

        var core = world.Core;
        var bundles = Enumerable.Range(0, 16).Select(_ => world.Evidence().Build()).ToList();
        var results = await Task.WhenAll(bundles.Select(b => Task.Run(() => core.IssueAsync(b, SigningWorld.Now, TestContext.Current.CancellationToken))));

        Assert.All(results, r => Assert.Empty(Certificates.ChainStatus(
            Assert.IsType<IssuanceResult.Issued>(r).Certificate, world.Ceremony.IssuingCertificate, world.Ceremony.RootCertificate, SigningWorld.Now)));
    }
}
