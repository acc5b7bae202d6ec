using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

public sealed class KeyHistoryCacheTests
{
    private readonly SigningWorld _world = new();

    [Fact]
    public void The_same_history_of_the_same_account_is_verified_once()
    {
        var cache = new KeyHistoryCache(_world.Urls);
        var bundle = _world.Evidence().Build();
        byte[][] equal = [[.. bundle.KeyHistory[0]]];
        Assert.Same(cache.Verify(bundle.KeyHistory, bundle.AccountUrl), cache.Verify(equal, bundle.AccountUrl));
    }

    [Fact]
    public void A_history_that_is_not_used_falls_out_and_one_that_is_used_stays()
    {
        var cache = new KeyHistoryCache(_world.Urls, generationSize: 2);
        var history = _world.Evidence().Build().KeyHistory;
        var used = cache.Verify(history, "used");
        var unused = cache.Verify(history, "unused");
        for (var i = 0; i < 8; i++)
        {
            cache.Verify(history, $"other {i}");
            Assert.Same(used, cache.Verify(history, "used"));
        }
        Assert.NotSame(unused, cache.Verify(history, "unused"));
    }

    [Fact]
    public void A_broken_history_is_not_remembered_as_anything()
    {
        var cache = new KeyHistoryCache(_world.Urls);
        for (var i = 0; i < 2; i++)
            Assert.Throws<RefusedException>(() => cache.Verify(["{}"u8.ToArray()], "broken"));
    }
}
