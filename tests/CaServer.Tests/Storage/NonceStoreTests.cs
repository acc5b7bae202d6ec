using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class NonceStoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_nonce_is_good_once_however_many_use_it(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new NonceStore(test.Database);

        var won = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => store.RedeemAsync([1, 2], StorageSamples.Now, Ct), Ct)));

        Assert.Single(won, w => w);
        Assert.True(await store.RedeemAsync([1, 3], StorageSamples.Now, Ct));
    }
}
