using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class CrlStoreTests
{
    private static readonly Issuer s_root = new() { Name = "root", Role = IssuerRole.Root, Certificate = [1, 2], CreatedAt = StorageSamples.Now };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task The_number_of_a_list_only_rises_and_each_shard_has_its_own(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new CrlStore(test.Database);
        await new IssuerStore(test.Database).AddAsync(s_root, Ct);
        var crl = new StoredCrl
        {
            Issuer = "root",
            Shard = 0,
            Number = 5,
            ThisUpdate = StorageSamples.Now,
            NextUpdate = StorageSamples.Now.AddDays(7),
            Der = [1],
        };

        Assert.Null(await store.FindAsync("root", 0, Ct));
        Assert.True(await store.StoreAsync(crl, 0, Ct));
        Assert.False(await store.StoreAsync(crl with { Der = [2] }, 0, Ct));
        Assert.False(await store.StoreAsync(crl with { Number = 4 }, 0, Ct));
        Assert.Equivalent(crl, await store.FindAsync("root", 0, Ct));
        Assert.True(await store.StoreAsync(crl with { Number = 6, Der = [3] }, 0, Ct));
        Assert.True(await store.StoreAsync(crl with { Number = 1, Shard = 1 }, 0, Ct));
        Assert.Equivalent(crl with { Number = 6, Der = [3] }, await store.FindAsync("root", 0, Ct));
    }

    [Theory, EachDatabase]
    public async Task Shards_stay_once_they_are_known_and_a_list_tells_what_it_was_made_with(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new CrlStore(test.Database);
        await new IssuerStore(test.Database).AddAsync(s_root, Ct);
        await store.EnsureShardsAsync("root", 3, Ct);
        await store.EnsureShardsAsync("root", 1, Ct);
        Assert.Equal([0, 1, 2], (await store.ShardsAsync("root", Ct)).Select(s => s.Shard));
        Assert.All(await store.ShardsAsync("root", Ct), s => Assert.Null(s.Number));

        var crl = new StoredCrl { Issuer = "root", Shard = 2, Number = 9, ThisUpdate = StorageSamples.Now, NextUpdate = StorageSamples.Now.AddDays(7), Der = [1] };
        Assert.True(await store.StoreAsync(crl, 4, Ct));
        // One that loses says nothing about what is listed.
        Assert.False(await store.StoreAsync(crl, 5, Ct));
        var last = (await store.ShardsAsync("root", Ct))[2];
        Assert.Equal((9L, 4L), (last.Number, last.Listed));
        Assert.Equal(("root", 2L, 9L), Assert.Single((await store.NumbersAsync(Ct)).Select(n => (n.Issuer, n.Shard, n.Number))));
    }
}
