using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class OrderStoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task An_order_reads_back_as_it_was_created_with_its_names_in_order(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new OrderStore(test.Database);
        var account = await new StorageSamples(test.Database).AccountAsync();

        var order = await store.CreateAsync(StorageSamples.NewOrder(account.Id, "z.example", "*.z.example", "a.example"), Ct);

        Assert.Equal(OrderStatus.Pending, order.Status);
        Assert.Equal(["z.example", "*.z.example", "a.example"], order.Identifiers.Select(i => i.ToString()));
        Assert.Equal(3, order.Authorizations.Distinct().Count());
        Assert.Equivalent(order, await store.FindAsync(order.Id, Ct));
        var authorizations = await new AuthorizationStore(test.Database).FindForOrderAsync(order.Id, Ct);
        Assert.Equal(order.Authorizations, authorizations.Select(a => a.Id));
        Assert.Equal(order.Identifiers, authorizations.Select(a => a.Identifier));
        Assert.All(authorizations, a => Assert.Equal(AuthorizationStatus.Pending, a.Status));
        Assert.Null(await store.FindAsync(new OrderId(order.Id.Value + 1), Ct));
    }

    [Theory, EachDatabase]
    public async Task An_address_can_be_ordered(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new OrderStore(test.Database);
        var account = await new StorageSamples(test.Database).AccountAsync();
        var order = StorageSamples.NewOrder(account.Id) with
        {
            Names = [new NewAuthorization(Identifier.Ip("2001:db8::1"), [new NewChallenge(ValidationMethod.Http01, "token")])],
        };

        var created = await store.CreateAsync(order, Ct);

        Assert.Equal(Identifier.Ip("2001:db8::1"), (await store.FindAsync(created.Id, Ct))!.Identifiers.Single());
    }

    [Theory, EachDatabase]
    public async Task A_fresh_valid_authorization_is_reused_and_the_order_is_ready_at_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new OrderStore(test.Database);
        var account = await samples.AccountAsync();
        var first = await samples.OrderAsync(account.Id, "a.example");
        await samples.ValidateAsync(first);

        var second = await store.CreateAsync(
            StorageSamples.NewOrder(account.Id, "a.example") with { ReuseValidUntil = StorageSamples.Now.AddDays(1) }, Ct);

        Assert.Equal(OrderStatus.Ready, second.Status);
        Assert.Equal(first.Authorizations, second.Authorizations);
        Assert.Equal(OrderStatus.Ready, (await store.FindAsync(second.Id, Ct))!.Status);
    }

    [Theory, EachDatabase]
    public async Task Nothing_is_reused_that_is_too_old_or_anothers_or_a_wildcards_or_not_asked_for_or_proved_by_a_method_no_longer_offered(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new OrderStore(test.Database);
        var (account, other) = (await samples.AccountAsync(), await samples.AccountAsync());
        await samples.ValidateAsync(await samples.OrderAsync(account.Id, "a.example"));
        var soon = StorageSamples.Now.AddDays(1);

        var tooOld = await store.CreateAsync(StorageSamples.NewOrder(account.Id, "a.example") with { ReuseValidUntil = StorageSamples.Now.AddDays(31) }, Ct);
        var others = await store.CreateAsync(StorageSamples.NewOrder(other.Id, "a.example") with { ReuseValidUntil = soon }, Ct);
        var wildcard = await store.CreateAsync(StorageSamples.NewOrder(account.Id, "*.a.example") with { ReuseValidUntil = soon }, Ct);
        var unasked = await store.CreateAsync(StorageSamples.NewOrder(account.Id, "a.example"), Ct);
        var methods = Enum.GetValues<ValidationMethod>().Where(m => m != ValidationMethod.Http01).ToList();
        var otherMethod = await store.CreateAsync(StorageSamples.NewOrder(account.Id, "a.example") with { ReuseValidUntil = soon, ReusableMethods = methods }, Ct);

        Assert.All([tooOld, others, wildcard, unasked, otherMethod], o => Assert.Equal(OrderStatus.Pending, o.Status));
    }

    [Theory, EachDatabase]
    public async Task An_order_is_finalized_once_however_many_try(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new OrderStore(test.Database);
        var order = await samples.OrderAsync((await samples.AccountAsync()).Id, "a.example");
        await samples.ValidateAsync(order);

        var won = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(i => Task.Run(() => store.BeginFinalizeAsync(order.Id, [(byte)i], [], null, StorageSamples.Now, Ct), Ct)));

        var winner = Assert.Single(Enumerable.Range(0, 12), i => won[i]);
        Assert.Equal(OrderStatus.Processing, (await store.FindAsync(order.Id, Ct))!.Status);
        Assert.Equal([(byte)winner], (await new IssuanceStore(test.Database).LoadAsync(order.Id, Ct))!.FinalizeJws);
    }

    [Theory, EachDatabase]
    public async Task A_pending_order_and_one_that_ran_out_are_not_finalized(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new OrderStore(test.Database);
        var order = await samples.OrderAsync((await samples.AccountAsync()).Id, "a.example");

        Assert.False(await store.BeginFinalizeAsync(order.Id, [1], [], null, StorageSamples.Now, Ct));
        await samples.ValidateAsync(order);
        Assert.False(await store.BeginFinalizeAsync(order.Id, [1], [], null, order.Expires, Ct));
        Assert.True(await store.BeginFinalizeAsync(order.Id, [1], [], null, order.Expires.AddMilliseconds(-1), Ct));
    }
}
