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
}
