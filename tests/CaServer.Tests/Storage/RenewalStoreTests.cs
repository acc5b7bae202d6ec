using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class RenewalStoreTests
{
    private static readonly DateTimeOffset s_now = StorageSamples.Now;

    private static readonly NewRenewalMove s_move = new() { Start = s_now, End = s_now.AddHours(6), Explanation = "https://status.example/1", Note = "why", CreatedAt = s_now };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_certificate_has_the_window_of_the_newest_move_that_took_it(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new RenewalStore(test.Database);
        var (one, two, three) = (await IssueAsync(test, 90), await IssueAsync(test, 90), await IssueAsync(test, 90));
        Assert.Null(await store.FindAsync(one, Ct));

        var first = await store.CreateAsync(s_move, [one], Ct);
        await store.ExtendAsync(first, [two], Ct);
        Assert.Equal(new MovedWindow(s_move.Start, s_move.End, s_move.Explanation), await store.FindAsync(two, Ct));
        var later = s_move with { Start = s_now.AddDays(1), End = s_now.AddDays(2), Explanation = null };
        var second = await store.CreateAsync(later, [two, three], Ct);
        Assert.Equal(new MovedWindow(later.Start, later.End, null), await store.FindAsync(two, Ct));
        Assert.Equal([(second, 2L), (first, 1L)], (await store.ListAsync(Ct)).Select(m => (m.Id, m.Certificates)));
        Assert.Equal("why", (await store.FindAsync(first, Ct))!.Note);

        Assert.True(await store.ClearAsync(three, Ct));
        Assert.False(await store.ClearAsync(three, Ct));
        Assert.True(await store.ClearBatchAsync(second, 1, Ct));
        Assert.False(await store.ClearBatchAsync(second, 1, Ct));
        Assert.Null(await store.FindAsync(two, Ct));
        Assert.Null(await store.FindAsync(second, Ct));
    }

    [Theory, EachDatabase]
    public async Task What_was_replaced_since_is_counted(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new RenewalStore(test.Database);
        var (one, two) = (await IssueAsync(test, 90), await IssueAsync(test, 90));
        var move = await store.CreateAsync(s_move, [one, two], Ct);
        var account = await samples.AccountAsync();
        var order = await new OrderStore(test.Database).CreateAsync(StorageSamples.NewOrder(account.Id, "a.example") with { Replaces = new Replacement(one, "x.y") }, Ct);
        Assert.Equal(0, (await store.FindAsync(move, Ct))!.Replaced);
        await samples.ValidateAsync(order);
        await new OrderStore(test.Database).BeginFinalizeAsync(order.Id, [5], [], StorageSamples.Lease, s_now, Ct);
        await CompleteAsync(test, order.Id, 90);
        Assert.Equal(1, (await store.FindAsync(move, Ct))!.Replaced);
    }

    [Theory, EachDatabase]
    public async Task A_window_goes_with_its_certificates_validity_and_a_move_with_the_last(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new RenewalStore(test.Database);
        var (one, two) = (await IssueAsync(test, 10), await IssueAsync(test, 90));
        var move = await store.CreateAsync(s_move, [one, two], Ct);
        var retention = new RetentionStore(test.Database, new RetentionSettings { Batch = 2 });

        await retention.DeleteBatchAsync(s_now.AddDays(11), Ct);
        Assert.Null(await store.FindAsync(one, Ct));
        Assert.Equal(1, (await store.FindAsync(move, Ct))!.Certificates);
        await retention.DeleteBatchAsync(s_now.AddDays(91), Ct);
        Assert.Null(await store.FindAsync(move, Ct));
        await store.CreateAsync(s_move with { CreatedAt = s_now.AddDays(91) }, [two], Ct);
        while (await retention.DeleteBatchAsync(s_now.AddYears(4), Ct))
        {
            // There is more.
        }
        Assert.Null(await new IssuanceStore(test.Database).FindAsync(two, Ct));
        Assert.Empty(await store.ListAsync(Ct));
    }

    private static async Task<IssuanceId> IssueAsync(TestDatabase test, int days)
    {
        var samples = new StorageSamples(test.Database);
        await samples.IssuerAsync();
        return await CompleteAsync(test, (await samples.FinalizedAsync((await samples.AccountAsync()).Id, "a.example")).Id, days);
    }

    private static async Task<IssuanceId> CompleteAsync(TestDatabase test, OrderId order, int days)
    {
        var issuances = new IssuanceStore(test.Database);
        var id = (await issuances.RecordAsync(StorageSamples.NewIssuance(order) with { NotAfter = s_now.AddDays(days) }, Ct))!.Value;
        Assert.True(await issuances.CompleteAsync(id, [9], StorageSamples.Leaf("issued"), Ct));
        return id;
    }
}
