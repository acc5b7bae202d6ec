using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class IssuerStoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Issuer Root { get; } = new() { Name = "root", Role = IssuerRole.Root, Certificate = [1, 2], CreatedAt = StorageSamples.Now };

    [Theory, EachDatabase]
    public async Task An_issuer_is_stored_once_and_stays_as_it_is(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new IssuerStore(test.Database);
        var issuing = new Issuer { Name = "a", Role = IssuerRole.Issuing, Certificate = [3], CreatedAt = StorageSamples.Now.AddSeconds(1) };

        Assert.True(await store.AddAsync(Root, Ct));
        Assert.False(await store.AddAsync(Root with { Certificate = [9] }, Ct));
        Assert.True(await store.AddAsync(issuing, Ct));

        Assert.Equivalent(Root, await store.FindAsync("root", Ct));
        Assert.Null(await store.FindAsync("other", Ct));
        Assert.Equal(["root", "a"], (await store.ListAsync(Ct)).Select(i => i.Name));
    }

    [Theory, EachDatabase]
    public async Task The_number_of_a_list_only_rises_and_each_shard_has_its_own(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new IssuerStore(test.Database);
        await store.AddAsync(Root, Ct);
        var crl = new StoredCrl
        {
            Issuer = "root",
            Shard = 0,
            Number = 5,
            ThisUpdate = StorageSamples.Now,
            NextUpdate = StorageSamples.Now.AddDays(7),
            Der = [1],
        };

        Assert.Null(await store.FindCrlAsync("root", 0, Ct));
        Assert.True(await store.StoreCrlAsync(crl, Ct));
        Assert.False(await store.StoreCrlAsync(crl with { Der = [2] }, Ct));
        Assert.False(await store.StoreCrlAsync(crl with { Number = 4 }, Ct));
        Assert.Equivalent(crl, await store.FindCrlAsync("root", 0, Ct));
        Assert.True(await store.StoreCrlAsync(crl with { Number = 6, Der = [3] }, Ct));
        Assert.True(await store.StoreCrlAsync(crl with { Number = 1, Shard = 1 }, Ct));
        Assert.Equivalent(crl with { Number = 6, Der = [3] }, await store.FindCrlAsync("root", 0, Ct));
    }
}
