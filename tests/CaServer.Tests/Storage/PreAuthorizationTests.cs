using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

/// <summary>Authorizations that no order asked for (RFC 8555 §7.4.1), and those for all names below a domain (RFC 9444).</summary>
public sealed class PreAuthorizationTests
{
    private static readonly DateTimeOffset s_now = StorageSamples.Now;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_pending_one_is_found_again_and_the_flag_makes_it_another(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (store, account) = (new AuthorizationStore(test.Database), await new StorageSamples(test.Database).AccountAsync());

        var first = await store.CreateAsync(Wanted(account.Id, "a.example"), Ct);
        var whole = await store.CreateAsync(Wanted(account.Id, "a.example") with { NamesBelow = true }, Ct);

        Assert.Equal((AuthorizationStatus.Pending, false, s_now.AddDays(7)), (first.Status, first.NamesBelow, first.Expires));
        Assert.Equal((AuthorizationStatus.Pending, true), (whole.Status, whole.NamesBelow));
        Assert.NotEqual(first.Id, whole.Id);
        Assert.Equal(first.Id, (await store.CreateAsync(Wanted(account.Id, "a.example"), Ct)).Id);
        Assert.NotEqual(first.Id, (await store.CreateAsync(Wanted(account.Id, "a.example", s_now.AddDays(7)), Ct)).Id);
        Assert.True(await store.DeactivateAsync(first.Id, Ct));
        Assert.NotEqual(first.Id, (await store.CreateAsync(Wanted(account.Id, "a.example"), Ct)).Id);
    }

    [Theory, EachDatabase]
    public async Task A_pending_one_of_an_order_or_of_another_account_is_not_shared_but_a_valid_one_of_an_order_is(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (store, account, other) = (new AuthorizationStore(test.Database), await samples.AccountAsync(), await samples.AccountAsync());
        var theirs = await store.CreateAsync(Wanted(other.Id, "a.example"), Ct);
        var order = await samples.OrderAsync(account.Id, "a.example");

        var own = await store.CreateAsync(Wanted(account.Id, "a.example"), Ct);
        Assert.DoesNotContain(own.Id, new[] { theirs.Id, order.Authorizations[0] });

        await samples.ValidateAsync(order);
        Assert.Equal(order.Authorizations[0], (await store.CreateAsync(Wanted(account.Id, "a.example"), Ct)).Id);
        Assert.Equal(own.Id, (await store.CreateAsync(Wanted(account.Id, "a.example") with { ReusableMethods = [ValidationMethod.Dns01] }, Ct)).Id);
        Assert.Equal(own.Id, (await store.CreateAsync(Wanted(account.Id, "a.example") with { ReuseValidUntil = s_now.AddDays(31) }, Ct)).Id);
    }

    [Theory, EachDatabase]
    public async Task An_order_takes_one_that_is_valid_and_goes_with_it(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (store, orders, account) = (new AuthorizationStore(test.Database), new OrderStore(test.Database), await new StorageSamples(test.Database).AccountAsync());
        var authorization = await ProvedAsync(store, Wanted(account.Id, "a.example"));

        var order = await orders.CreateAsync(StorageSamples.NewOrder(account.Id, "a.example") with { ReuseValidUntil = s_now }, Ct);

        Assert.Equal((OrderStatus.Ready, authorization), (order.Status, order.Authorizations[0]));
        Assert.True(await store.DeactivateAsync(authorization, Ct));
        Assert.Equal(OrderStatus.Invalid, (await orders.FindAsync(order.Id, Ct))!.Status);
    }

    [Theory, EachDatabase]
    public async Task One_for_all_names_below_is_taken_for_each_of_them_and_for_no_other(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (store, orders, account) = (new AuthorizationStore(test.Database), new OrderStore(test.Database), await new StorageSamples(test.Database).AccountAsync());
        var authorization = await ProvedAsync(store, Wanted(account.Id, "b.example") with { NamesBelow = true });
        NewOrder Wants(params string[] names) => StorageSamples.NewOrder(account.Id, names) with { ReuseValidUntil = s_now, ReuseFromDomains = true };

        foreach (var name in (string[])["b.example", "a.b.example", "x.y.b.example", "*.b.example"])
            Assert.Equal((OrderStatus.Ready, authorization), await TakenAsync(Wants(name)));
        foreach (var name in (string[])["example", "ab.example", "b.example.a"])
            Assert.Equal(OrderStatus.Pending, (await TakenAsync(Wants(name))).Status);
        Assert.Equal(OrderStatus.Pending, (await TakenAsync(Wants("a.b.example") with { ReuseFromDomains = false })).Status);
        Assert.Equal(OrderStatus.Pending, (await TakenAsync(Wants("a.b.example") with { ReusableMethods = [ValidationMethod.Dns01] })).Status);

        // RFC 8555 §7.6: they also count for whoever asks for a revocation.
        Assert.True(await store.HoldsAllAsync(account.Id, [Identifier.Dns("b.example"), Identifier.Dns("*.c.b.example")], s_now, Ct));
        Assert.False(await store.HoldsAllAsync(account.Id, [Identifier.Dns("ab.example")], s_now, Ct));

        async Task<(OrderStatus Status, AuthorizationId Authorization)> TakenAsync(NewOrder wanted)
        {
            var order = await orders.CreateAsync(wanted, Ct);
            return (order.Status, order.Authorizations[0]);
        }
    }

    [Theory, EachDatabase]
    public async Task Names_of_one_order_that_a_domain_proves_share_one_authorization_and_its_statements(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (store, orders) = (new AuthorizationStore(test.Database), new OrderStore(test.Database));
        var domain = Identifier.Dns("b.example");
        var order = await orders.CreateAsync(
            StorageSamples.NewOrder((await samples.AccountAsync()).Id) with
            {
                Names = [.. ((string[])["x.b.example", "y.b.example", "c.example"]).Select(n => new NewAuthorization(
                    Identifier.Dns(n), [new NewChallenge(ValidationMethod.Http01, Challenge.NewToken())]) { Domain = n.EndsWith("b.example", StringComparison.Ordinal) ? domain : null })],
            },
            Ct);

        Assert.Equal(2, order.Authorizations.Distinct().Count());
        var authorization = (await store.FindAsync(order.Authorizations[0], Ct))!;
        Assert.Equal((domain, true), (authorization.Identifier, authorization.NamesBelow));
        Assert.Equal(authorization.Id, order.Authorizations[1]);

        await samples.ValidateAsync(order);
        Assert.True(await orders.BeginFinalizeAsync(order.Id, [5], [], StorageSamples.Lease, s_now, Ct));
        var finalized = (await new IssuanceStore(test.Database).LoadAsync(order.Id, Ct))!;
        Assert.Equal(["x.b.example", "y.b.example", "c.example"], finalized.Order.Identifiers.Select(i => i.ToString()));
        Assert.Equal(2, finalized.Statements.Count);
    }

    [Theory, EachDatabase]
    public async Task One_that_is_past_its_time_is_deleted_unless_an_order_has_it(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (store, account, settings) = (new AuthorizationStore(test.Database), await new StorageSamples(test.Database).AccountAsync(), new RetentionSettings());
        var retention = new RetentionStore(test.Database, settings);
        var alone = await store.CreateAsync(Wanted(account.Id, "a.example"), Ct);
        var ordered = await ProvedAsync(store, Wanted(account.Id, "b.example"));
        var order = await new OrderStore(test.Database).CreateAsync(
            StorageSamples.NewOrder(account.Id, "b.example") with { ReuseValidUntil = s_now, Expires = s_now.AddDays(60) }, Ct);

        await retention.DeleteBatchAsync(alone.Expires + settings.Orders, Ct);
        Assert.NotNull(await store.FindAsync(alone.Id, Ct));
        await retention.DeleteBatchAsync(s_now.AddDays(31) + settings.Orders, Ct);
        Assert.Null(await store.FindAsync(alone.Id, Ct));
        Assert.NotNull(await store.FindAsync(ordered, Ct));
        await retention.DeleteBatchAsync(s_now.AddDays(61) + settings.Orders, Ct);
        Assert.Null(await store.FindAsync(ordered, Ct));
        Assert.Null(await new OrderStore(test.Database).FindAsync(order.Id, Ct));
    }

    [Theory, EachDatabase]
    public async Task A_limit_without_room_stores_nothing_and_one_that_is_there_already_costs_nothing(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (store, account) = (new AuthorizationStore(test.Database), await new StorageSamples(test.Database).AccountAsync());
        NewPreAuthorization Limited(string name) => Wanted(account.Id, name) with { Limits = new OrderLimits { MaxPending = 1 } };

        await store.CreateAsync(Limited("a.example"), Ct);
        await store.CreateAsync(Limited("a.example"), Ct);
        var refusal = await Assert.ThrowsAsync<AcmeException>(() => store.CreateAsync(Limited("b.example"), Ct));

        Assert.Equal(ProblemType.RateLimited, refusal.Problem.Type);
        await store.CreateAsync(Limited("a.example"), Ct);
    }

    private static NewPreAuthorization Wanted(AccountId account, string name, DateTimeOffset? at = null) => new()
    {
        AccountId = account,
        Identifier = Identifier.Dns(name),
        Challenges = [new NewChallenge(ValidationMethod.Http01, Challenge.NewToken())],
        Expires = (at ?? s_now).AddDays(7),
        ReuseValidUntil = s_now.AddDays(7),
        CreatedAt = at ?? s_now,
    };

    private static async Task<AuthorizationId> ProvedAsync(AuthorizationStore store, NewPreAuthorization wanted)
    {
        var authorization = await store.CreateAsync(wanted, Ct);
        var challenge = authorization.Challenges[0];
        Assert.True(await store.CompleteValidationAsync(
            challenge.Id, [StorageSamples.Statement(challenge.Token, wanted.Identifier)], [], s_now, s_now.AddDays(30), Ct));
        return authorization.Id;
    }
}
