using System.Security.Cryptography;
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
            Der = new byte[] { 1 },
        };

        Assert.Null(await store.FindAsync("root", 0, Ct));
        Assert.True(await StoreAsync(store, crl));
        Assert.False(await StoreAsync(store, crl with { Der = new byte[] { 2 } }));
        Assert.False(await StoreAsync(store, crl with { Number = 4 }));
        AssertIs(crl, await store.FindAsync("root", 0, Ct));
        Assert.True(await StoreAsync(store, crl with { Number = 6, Der = new byte[] { 3 } }));
        Assert.True(await StoreAsync(store, crl with { Number = 1, Shard = 1 }));
        AssertIs(crl with { Number = 6, Der = new byte[] { 3 } }, await store.FindAsync("root", 0, Ct));
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

        var crl = new StoredCrl { Issuer = "root", Shard = 2, Number = 9, ThisUpdate = StorageSamples.Now, NextUpdate = StorageSamples.Now.AddDays(7), Der = new byte[] { 1 } };
        Assert.True(await StoreAsync(store, crl with { Listed = 4 }));
        // One that loses says nothing about what is listed.
        Assert.False(await StoreAsync(store, crl with { Listed = 5 }));
        var last = (await store.ShardsAsync("root", Ct))[2];
        Assert.Equal((9L, 4L), (last.Number, last.Listed));
        Assert.Equal(("root", 2L, 9L), Assert.Single((await store.NumbersAsync(Ct)).Select(n => (n.Issuer, n.Shard, n.Number))));
    }

    [Theory, EachDatabase]
    public async Task A_long_list_comes_back_as_it_was_and_leaves_nothing_when_it_is_replaced(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new CrlStore(test.Database);
        await new IssuerStore(test.Database).AddAsync(s_root, Ct);
        var crl = new StoredCrl
        {
            Issuer = "root",
            Shard = 0,
            Number = 1,
            ThisUpdate = StorageSamples.Now,
            NextUpdate = StorageSamples.Now.AddDays(7),
            Der = RandomNumberGenerator.GetBytes(9_437_185),
        };
        Assert.True(await StoreAsync(store, crl));
        AssertIs(crl, await store.FindAsync("root", 0, Ct));
        // One that comes too late leaves nothing either.
        Assert.False(await StoreAsync(store, crl with { Der = RandomNumberGenerator.GetBytes(3_000_000) }));
        AssertIs(crl, await store.FindAsync("root", 0, Ct));
        var next = crl with { Number = 2, Der = RandomNumberGenerator.GetBytes(1 << 16) };
        Assert.True(await StoreAsync(store, next));
        AssertIs(next, await store.FindAsync("root", 0, Ct));
        Assert.Equal(1, await test.Database.ReadAsync(session => session.FindAsync<long>("SELECT COUNT(*) FROM crl_pieces"), Ct));
    }

    [Theory, EachDatabase]
    public async Task A_delta_goes_with_its_list_and_bases_are_forgotten_in_time(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new CrlStore(test.Database);
        await new IssuerStore(test.Database).AddAsync(s_root, Ct);
        var crl = new StoredCrl { Issuer = "root", Shard = 0, Number = 1, ThisUpdate = StorageSamples.Now, NextUpdate = StorageSamples.Now.AddDays(7), Der = new byte[] { 1 }, Listed = 5 };
        Assert.Null(await store.FindBaseAsync("root", 0, StorageSamples.Now, Ct));
        Assert.True(await store.StoreAsync(crl, new StoredDelta(1, new byte[] { 8 }), isBase: true, Ct));
        Assert.True(await store.StoreAsync(crl with { Number = 2, ThisUpdate = StorageSamples.Now.AddDays(1) }, new StoredDelta(1, new byte[] { 9 }), isBase: true, Ct));
        Assert.Equal(new CrlBase { Number = 1, Listed = 5 }, await store.FindBaseAsync("root", 0, StorageSamples.Now, Ct));
        Assert.Equal(2, (await store.FindBaseAsync("root", 0, StorageSamples.Now.AddHours(1), Ct))!.Number);
        var delta = await store.FindDeltaAsync("root", 0, Ct);
        Assert.Equal((2L, (byte)9), (delta!.Number, delta.Der.Span[0]));
        Assert.True(Assert.Single(await store.NumbersAsync(Ct)).HasDelta);

        Assert.True(await store.StoreAsync(crl with { Number = 3 }, null, isBase: false, Ct));
        Assert.Null(await store.FindDeltaAsync("root", 0, Ct));
        Assert.False(Assert.Single(await store.NumbersAsync(Ct)).HasDelta);
    }

    private static Task<bool> StoreAsync(CrlStore store, StoredCrl crl) => store.StoreAsync(crl, null, isBase: false, Ct);

    private static void AssertIs(StoredCrl expected, StoredCrl? stored)
    {
        Assert.Equal(expected with { Der = default }, stored! with { Der = default });
        Assert.True(expected.Der.Span.SequenceEqual(stored.Der.Span));
    }
}
