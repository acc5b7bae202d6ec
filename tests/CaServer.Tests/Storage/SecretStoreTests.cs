using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class SecretStoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task All_callers_get_the_same_secret_also_after_a_restart(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new SecretStore(test.Database);

        var secrets = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => Task.Run(() => store.GetOrCreateAsync("nonce key", () => [(byte)i], Ct), Ct)));
        await test.RestartAsync();
        var later = await new SecretStore(test.Database).GetOrCreateAsync("nonce key", () => [99], Ct);
        var other = await new SecretStore(test.Database).GetOrCreateAsync("id key", () => [42], Ct);

        Assert.All(secrets, s => Assert.Equal(later, s));
        Assert.Equal([42], other);
    }
}
