using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class IssuanceStoreTests
{
    private static readonly DateTimeOffset s_now = StorageSamples.Now;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task The_signer_gets_everything_it_has_to_judge(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new IssuanceStore(test.Database);
        var account = await samples.AccountAsync();
        var pending = await samples.OrderAsync(account.Id, "c.example");
        var order = await samples.FinalizedAsync(account.Id, "a.example", "b.example");

        var work = (await store.LoadAsync(order.Id, Ct))!;

        Assert.Equivalent(order, work.Order);
        Assert.Equal(account.Id, work.Order.AccountId);
        Assert.Equal([5, 5, 5], work.FinalizeJws);
        Assert.Equal([[7, 7, 7]], work.KeyHistory);
        Assert.Equal(2, work.Statements.Count);
        Assert.Equal(1, work.Attempt);
        Assert.Null(await store.LoadAsync(pending.Id, Ct));
        Assert.Null(await store.LoadAsync(new OrderId(99), Ct));
    }

    [Theory, EachDatabase]
    public async Task A_finalized_order_is_claimed_by_one_process_until_its_lease_ends(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new IssuanceStore(test.Database);
        var order = await samples.FinalizedAsync((await samples.AccountAsync()).Id, "a.example");
        Assert.Null(await store.ClaimAsync(StorageSamples.Lease, s_now, Ct));

        var later = StorageSamples.Lease with { Until = StorageSamples.Lease.Until.AddMinutes(5) };
        var claims = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => store.ClaimAsync(later, StorageSamples.Lease.Until, Ct), Ct)));

        Assert.Equal([order.Id], claims.OfType<OrderId>());
        Assert.Equal(2, (await store.LoadAsync(order.Id, Ct))!.Attempt);
    }

    [Theory, EachDatabase]
    public async Task An_issuance_is_recorded_completed_and_read_back(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (store, orders, log) = (new IssuanceStore(test.Database), new OrderStore(test.Database), new LogStore(test.Database));
        await samples.IssuerAsync();
        var account = await samples.AccountAsync();
        var order = await samples.FinalizedAsync(account.Id, "a.example");
        var issuance = StorageSamples.NewIssuance(order.Id);

        var id = await store.RecordAsync(issuance, Ct);

        var recorded = (await store.FindAsync(id!.Value, Ct))!;
        Assert.Equal((IssuanceState.Recorded, null), (recorded.State, recorded.Certificate));
        Assert.Equal((order.Id, account.Id), (recorded.Order, recorded.Account));
        Assert.Equal(OrderStatus.Processing, (await orders.FindAsync(order.Id, Ct))!.Status);

        Assert.True(await store.CompleteAsync(id.Value, [9, 9], StorageSamples.Leaf("issuance"), Ct));
        Assert.False(await store.CompleteAsync(id.Value, [8, 8], StorageSamples.Leaf("issuance"), Ct));

        var issued = (await store.FindBySerialAsync(issuance.Serial, Ct))!;
        Assert.Equal(IssuanceState.Issued, issued.State);
        Assert.Equal([9, 9], issued.Certificate);
        Assert.Equal(issuance.Names, issued.Names);
        Assert.Equal((issuance.Serial, "issuing", "dv"), (issued.Serial, issued.Issuer, issued.Profile));
        Assert.Equal((issuance.NotBefore, issuance.NotAfter, issuance.RecordedAt), (issued.NotBefore, issued.NotAfter, issued.RecordedAt));
        var evidence = await store.EvidenceAsync(id.Value, Ct);
        Assert.Equal([1, 2], evidence!.Tbs);
        Assert.Equal([3, 4], evidence.Evidence);
        var done = (await orders.FindAsync(order.Id, Ct))!;
        Assert.Equal((OrderStatus.Valid, id), (done.Status, done.Certificate));
        Assert.Equal(["issuance"], (await log.ReadAsync(0, 10, Ct)).Select(l => l.Kind));
    }

    [Theory, EachDatabase]
    public async Task A_ready_order_is_finalized_with_its_record(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (store, orders) = (new IssuanceStore(test.Database), new OrderStore(test.Database));
        await samples.IssuerAsync();
        var order = await samples.ReadyAsync((await samples.AccountAsync()).Id, "a.example");
        var fresh = await store.LoadAsync(order, [5, 5, 5], Ct);
        Assert.Equal([5, 5, 5], fresh.FinalizeJws);
        Assert.Equal((1, OrderStatus.Ready), (fresh.Attempt, fresh.Order.Status));

        var first = StorageSamples.NewIssuance(order.Id) with { Finalization = new Finalization([5, 5, 5], StorageSamples.Lease, s_now) };
        var id = await store.RecordAsync(first, Ct);

        Assert.Equal(IssuanceState.Recorded, (await store.FindAsync(id!.Value, Ct))!.State);
        Assert.Equal([5, 5, 5], (await store.LoadAsync(order.Id, Ct))!.FinalizeJws);
        Assert.True(await orders.IsFinalizedByAsync(order.Id, [5, 5, 5], Ct));
        Assert.Null(await store.ClaimAsync(StorageSamples.Lease, s_now, Ct));
        // Not with another request, not even when the record has come to nothing.
        Assert.True(await store.AbandonAsync(id.Value, StorageSamples.Leaf("abandoned"), Ct));
        var other = StorageSamples.NewIssuance(order.Id) with { Finalization = new Finalization([6, 6, 6], StorageSamples.Lease, s_now) };
        Assert.Null(await store.RecordAsync(other, Ct));
        Assert.False(await store.RefuseAsync(order.Id, other.Finalization, StorageSamples.Problem, null, Ct));
        Assert.False(await orders.IsFinalizedByAsync(order.Id, [6, 6, 6], Ct));
        var again = StorageSamples.NewIssuance(order.Id) with { Finalization = first.Finalization };
        Assert.NotNull(await store.RecordAsync(again, Ct));
    }

    [Theory, EachDatabase]
    public async Task Nothing_is_recorded_for_an_order_that_is_pending_or_has_run_out(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new IssuanceStore(test.Database);
        await samples.IssuerAsync();
        var account = await samples.AccountAsync();
        var pending = await samples.OrderAsync(account.Id, "a.example");
        var ready = await samples.ReadyAsync(account.Id, "b.example");

        Assert.Null(await store.RecordAsync(
            StorageSamples.NewIssuance(pending.Id) with { Finalization = new Finalization([5, 5, 5], StorageSamples.Lease, s_now) }, Ct));
        Assert.Null(await store.RecordAsync(
            StorageSamples.NewIssuance(ready.Id) with { Finalization = new Finalization([5, 5, 5], StorageSamples.Lease, ready.Expires) }, Ct));
    }

    [Theory, EachDatabase]
    public async Task A_ready_order_is_finalized_with_its_refusal(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (store, orders) = (new IssuanceStore(test.Database), new OrderStore(test.Database));
        var order = await samples.ReadyAsync((await samples.AccountAsync()).Id, "a.example");

        Assert.True(await store.RefuseAsync(
            order.Id, new Finalization([5, 5, 5], StorageSamples.Lease, s_now), StorageSamples.Problem, StorageSamples.Leaf("refusal"), Ct));

        Assert.Equal(OrderStatus.Invalid, (await orders.FindAsync(order.Id, Ct))!.Status);
        Assert.True(await orders.IsFinalizedByAsync(order.Id, [5, 5, 5], Ct));
    }

    [Theory, EachDatabase]
    public async Task Of_many_signers_that_record_for_one_order_one_may_sign(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new IssuanceStore(test.Database);
        await samples.IssuerAsync();
        var order = await samples.FinalizedAsync((await samples.AccountAsync()).Id, "a.example");

        var ids = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => store.RecordAsync(StorageSamples.NewIssuance(order.Id), Ct), Ct)));

        Assert.Single(ids, i => i is not null);
    }

    [Theory, EachDatabase]
    public async Task An_order_is_either_recorded_for_or_refused(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new IssuanceStore(test.Database);
        await samples.IssuerAsync();
        var account = await samples.AccountAsync();
        for (var round = 0; round < 10; round++)
        {
            var order = await samples.FinalizedAsync(account.Id, "a.example");

            var record = Task.Run(() => store.RecordAsync(StorageSamples.NewIssuance(order.Id), Ct), Ct);
            var refuse = Task.Run(() => store.RefuseAsync(order.Id, null, StorageSamples.Problem, StorageSamples.Leaf("refusal"), Ct), Ct);

            Assert.NotEqual(await record is not null, await refuse);
        }
    }

    [Theory, EachDatabase]
    public async Task A_serial_is_never_recorded_twice(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new IssuanceStore(test.Database);
        await samples.IssuerAsync();
        var serial = SerialNumber.Generate();

        Assert.NotNull(await store.RecordAsync(StorageSamples.NewIssuance(null, serial), Ct));
        Assert.Null(await store.RecordAsync(StorageSamples.NewIssuance(null, serial), Ct));
        Assert.NotNull(await store.RecordAsync(StorageSamples.NewIssuance(null), Ct));
    }

    [Theory, EachDatabase]
    public async Task Nothing_is_recorded_for_an_order_that_is_not_processing(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        await samples.IssuerAsync();
        var order = await samples.OrderAsync((await samples.AccountAsync()).Id, "a.example");

        Assert.Null(await new IssuanceStore(test.Database).RecordAsync(StorageSamples.NewIssuance(order.Id), Ct));
    }

    [Theory, EachDatabase]
    public async Task After_a_crash_the_serial_is_reported_and_the_order_can_be_signed_anew(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (store, log) = (new IssuanceStore(test.Database), new LogStore(test.Database));
        await samples.IssuerAsync();
        var order = await samples.FinalizedAsync((await samples.AccountAsync()).Id, "a.example");
        var lost = StorageSamples.NewIssuance(order.Id);
        var lostId = await store.RecordAsync(lost, Ct);
        Assert.False(await store.RefuseAsync(order.Id, null, StorageSamples.Problem, StorageSamples.Leaf("refusal"), Ct));

        var serials = await store.AbandonRecordedAsync(order.Id, s => new LogLeaf("abandonment", s_now, s[0].Octets.ToArray()), Ct);
        var none = await store.AbandonRecordedAsync(order.Id, _ => throw new InvalidOperationException(), Ct);

        Assert.Equal([lost.Serial], serials);
        Assert.Empty(none);
        Assert.False(await store.CompleteAsync(lostId!.Value, [9], StorageSamples.Leaf("issuance"), Ct));
        var anew = await store.RecordAsync(StorageSamples.NewIssuance(order.Id), Ct);
        Assert.True(await store.CompleteAsync(anew!.Value, [9], StorageSamples.Leaf("issuance"), Ct));
        Assert.Equal(["abandonment", "issuance"], (await log.ReadAsync(0, 10, Ct)).Select(l => l.Kind));
        Assert.Equal(IssuanceState.Abandoned, (await store.FindBySerialAsync(lost.Serial, Ct))!.State);
    }

    [Theory, EachDatabase]
    public async Task What_the_signer_gives_up_on_is_abandoned_once_and_never_completed(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new IssuanceStore(test.Database);
        await samples.IssuerAsync();
        var order = await samples.FinalizedAsync((await samples.AccountAsync()).Id, "a.example");
        var id = (await store.RecordAsync(StorageSamples.NewIssuance(order.Id), Ct))!.Value;

        Assert.True(await store.AbandonAsync(id, StorageSamples.Leaf("abandonment"), Ct));
        Assert.False(await store.AbandonAsync(id, StorageSamples.Leaf("abandonment"), Ct));
        Assert.False(await store.CompleteAsync(id, [9], StorageSamples.Leaf("issuance"), Ct));

        Assert.Equal(1, await new LogStore(test.Database).CountAsync(Ct));
        Assert.True(await store.RefuseAsync(order.Id, null, StorageSamples.Problem, null, Ct));
        Assert.Equal(1, await new LogStore(test.Database).CountAsync(Ct));
    }

    [Theory, EachDatabase]
    public async Task Certificates_of_the_server_itself_belong_to_no_order(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new IssuanceStore(test.Database);
        await samples.IssuerAsync();
        var order = await samples.FinalizedAsync((await samples.AccountAsync()).Id, "a.example");
        await store.RecordAsync(StorageSamples.NewIssuance(order.Id), Ct);
        var (own, lost) = (StorageSamples.NewIssuance(null), StorageSamples.NewIssuance(null));
        var id = await store.RecordAsync(own, Ct);
        await store.RecordAsync(lost, Ct);
        Assert.True(await store.CompleteAsync(id!.Value, [9], StorageSamples.Leaf("issuance"), Ct));

        var serials = await store.AbandonRecordedAsync(null, _ => StorageSamples.Leaf("abandonment"), Ct);

        Assert.Equal([lost.Serial], serials);
        var found = (await store.FindAsync(id.Value, Ct))!;
        Assert.Equal((null, null, IssuanceState.Issued), (found.Order, found.Account, found.State));
    }

    [Theory, EachDatabase]
    public async Task A_refusal_ends_the_order_once_and_stands_in_the_log(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (store, orders) = (new IssuanceStore(test.Database), new OrderStore(test.Database));
        await samples.IssuerAsync();
        var order = await samples.FinalizedAsync((await samples.AccountAsync()).Id, "a.example");

        Assert.True(await store.RefuseAsync(order.Id, null, StorageSamples.Problem, StorageSamples.Leaf("refusal"), Ct));
        Assert.False(await store.RefuseAsync(order.Id, null, StorageSamples.Problem, StorageSamples.Leaf("refusal"), Ct));

        var ended = (await orders.FindAsync(order.Id, Ct))!;
        Assert.Equal(OrderStatus.Invalid, ended.Status);
        Assert.Equivalent(StorageSamples.Problem, ended.Error, strict: true);
        Assert.Equal(1, await new LogStore(test.Database).CountAsync(Ct));
        Assert.Null(await store.RecordAsync(StorageSamples.NewIssuance(order.Id), Ct));
    }
}
