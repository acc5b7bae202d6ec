using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class RetentionStoreTests
{
    private static readonly DateTimeOffset s_now = StorageSamples.Now;
    private static readonly RetentionSettings s_settings = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task An_order_goes_with_all_it_has_once_everything_of_it_is_past_its_time(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (orders, authorizations) = (new OrderStore(test.Database), new AuthorizationStore(test.Database));
        var retention = new RetentionStore(test.Database, s_settings);
        var account = await samples.AccountAsync();
        var pending = await samples.OrderAsync(account.Id, "a.example", "b.example");
        var validated = await samples.OrderAsync(account.Id, "c.example");
        await samples.ValidateAsync(validated);
        var finalized = await samples.FinalizedAsync(account.Id, "d.example");

        Assert.False(await retention.DeleteBatchAsync(pending.Expires + s_settings.Orders, Ct));
        Assert.NotNull(await orders.FindAsync(pending.Id, Ct));

        Assert.False(await retention.DeleteBatchAsync(pending.Expires + s_settings.Orders + TimeSpan.FromSeconds(1), Ct));
        Assert.Null(await orders.FindAsync(pending.Id, Ct));
        Assert.Null(await authorizations.FindAsync(pending.Authorizations[0], Ct));
        Assert.NotNull(await orders.FindAsync(validated.Id, Ct));

        Assert.False(await retention.DeleteBatchAsync(s_now.AddYears(1), Ct));
        Assert.Null(await orders.FindAsync(validated.Id, Ct));
        Assert.Null(await authorizations.FindAsync(validated.Authorizations[0], Ct));
        Assert.NotNull(await orders.FindAsync(finalized.Id, Ct));
    }

    [Theory, EachDatabase]
    public async Task A_shared_authorization_goes_with_the_last_order_that_has_it(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (orders, authorizations) = (new OrderStore(test.Database), new AuthorizationStore(test.Database));
        var retention = new RetentionStore(test.Database, s_settings);
        var account = await samples.AccountAsync();
        var first = await samples.OrderAsync(account.Id, "a.example");
        await samples.ValidateAsync(first);
        var second = await orders.CreateAsync(
            StorageSamples.NewOrder(account.Id, "a.example") with { ReuseValidUntil = s_now, Expires = s_now.AddDays(60) }, Ct);

        await retention.DeleteBatchAsync(s_now.AddDays(30) + s_settings.Orders + TimeSpan.FromSeconds(1), Ct);
        Assert.Null(await orders.FindAsync(first.Id, Ct));
        Assert.NotNull(await authorizations.FindAsync(second.Authorizations[0], Ct));

        await retention.DeleteBatchAsync(s_now.AddDays(61) + s_settings.Orders, Ct);
        Assert.Null(await orders.FindAsync(second.Id, Ct));
        Assert.Null(await authorizations.FindAsync(second.Authorizations[0], Ct));
    }

    [Theory, EachDatabase]
    public async Task A_certificate_outlives_its_order_and_goes_after_its_own_time(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var issuances = new IssuanceStore(test.Database);
        var retention = new RetentionStore(test.Database, s_settings);
        await samples.IssuerAsync();
        var order = await samples.FinalizedAsync((await samples.AccountAsync()).Id, "a.example");
        var issuance = StorageSamples.NewIssuance(order.Id);
        var id = (await issuances.RecordAsync(issuance, Ct))!.Value;
        await issuances.CompleteAsync(id, [9], StorageSamples.Leaf("issuance"), Ct);

        await retention.DeleteBatchAsync(issuance.NotAfter + s_settings.Certificates, Ct);
        Assert.Null(await new OrderStore(test.Database).FindAsync(order.Id, Ct));
        Assert.Equal(order.Id, (await issuances.FindAsync(id, Ct))!.Order);

        await retention.DeleteBatchAsync(issuance.NotAfter + s_settings.Certificates + TimeSpan.FromSeconds(1), Ct);
        Assert.Null(await issuances.FindAsync(id, Ct));
        Assert.Equal(1, await new LogStore(test.Database).CountAsync(Ct));
    }

    [Theory, EachDatabase]
    public async Task Batches_are_bounded_and_the_caller_hears_that_there_is_more(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var nonces = new NonceStore(test.Database);
        for (byte i = 0; i < 5; i++)
            await nonces.RedeemAsync([i], s_now, Ct);
        await nonces.RedeemAsync([9], s_now.AddHours(1), Ct);
        var retention = new RetentionStore(test.Database, s_settings with { Batch = 3 });

        Assert.True(await retention.DeleteBatchAsync(s_now.AddSeconds(1), Ct));
        Assert.False(await retention.DeleteBatchAsync(s_now.AddSeconds(1), Ct));
        Assert.True(await nonces.RedeemAsync([0], s_now, Ct));
        Assert.False(await nonces.RedeemAsync([9], s_now, Ct));
    }

    [Theory, EachDatabase]
    public async Task An_id_is_never_given_out_again_after_its_row_was_deleted(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var account = await samples.AccountAsync();
        var old = await samples.OrderAsync(account.Id, "a.example");
        await new RetentionStore(test.Database, s_settings).DeleteBatchAsync(s_now.AddYears(1), Ct);

        var anew = await samples.OrderAsync(account.Id, "a.example");

        Assert.True(anew.Id.Value > old.Id.Value);
        Assert.True(anew.Authorizations[0].Value > old.Authorizations[0].Value);
    }
}
