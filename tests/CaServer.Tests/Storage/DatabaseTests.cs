using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class DatabaseTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_commit_that_fails_before_it_happened_keeps_nothing_and_the_next_one_works(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AccountStore(test.Database);
        test.Faults.FailNext(CommitFault.Before);

        await Assert.ThrowsAsync<InjectedFaultException>(() => store.FindOrCreateAsync(StorageSamples.NewAccount("t1"), Ct));

        Assert.Null(await store.FindByThumbprintAsync("t1", Ct));
        Assert.True((await store.FindOrCreateAsync(StorageSamples.NewAccount("t1"), Ct)).Created);
    }

    [Theory, EachDatabase]
    public async Task A_commit_that_fails_after_it_happened_is_reported_as_failed_and_kept(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AccountStore(test.Database);
        test.Faults.FailNext(CommitFault.After);

        await Assert.ThrowsAsync<InjectedFaultException>(() => store.FindOrCreateAsync(StorageSamples.NewAccount("t1"), Ct));

        Assert.False((await store.FindOrCreateAsync(StorageSamples.NewAccount("t1"), Ct)).Created);
    }

    [Theory, EachDatabase]
    public async Task What_was_acknowledged_is_there_after_a_crash_and_a_restart(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var order = await samples.FinalizedAsync((await samples.AccountAsync()).Id, "a.example");
        test.Faults.CrashAt(1, CommitFault.Before);
        await Assert.ThrowsAsync<InjectedFaultException>(samples.AccountAsync);
        await Assert.ThrowsAsync<InjectedFaultException>(samples.AccountAsync);

        await test.RestartAsync();

        Assert.Equivalent(order, await new OrderStore(test.Database).FindAsync(order.Id, Ct));
        await test.Database.PingAsync(Ct);
    }

    [Theory, EachDatabase]
    public async Task Statements_that_fail_leave_nothing_behind_and_do_not_touch_others(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var secrets = new SecretStore(test.Database);

        var tasks = Enumerable.Range(0, 40).Select(i => Task.Run(
            () => test.Database.WriteAsync(
                async session =>
                {
                    await session.ExecuteAsync("INSERT INTO secrets (name, value) VALUES (@Name, @Value)", new { Name = $"s{i}", Value = new byte[] { 1 } });
                    return i % 4 != 0 ? i : throw new InvalidTimeZoneException($"item {i}");
                },
                Ct),
            Ct)).ToList();
        await Task.WhenAll(tasks).ContinueWith(_ => { }, Ct, TaskContinuationOptions.None, TaskScheduler.Default);

        for (var i = 0; i < 40; i++)
        {
            var kept = (await secrets.GetOrCreateAsync($"s{i}", () => [2], Ct))[0] == 1;
            Assert.Equal(i % 4 != 0, kept);
            if (kept)
                Assert.Equal(i, await tasks[i]);
            else
                Assert.Equal($"item {i}", (await Assert.ThrowsAsync<InvalidTimeZoneException>(() => tasks[i])).Message);
        }
    }

    [Theory, EachDatabase]
    public async Task A_write_that_was_cancelled_before_it_began_is_not_done(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AccountStore(test.Database);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.FindOrCreateAsync(StorageSamples.NewAccount("t1"), cancelled.Token));

        Assert.Null(await store.FindByThumbprintAsync("t1", Ct));
    }

    [Fact]
    public async Task Writes_that_wait_together_share_one_commit_and_a_failed_commit_fails_them_all()
    {
        await using var test = await TestDatabase.OpenAsync(DatabaseKind.Sqlite);
        var store = new AccountStore(test.Database);
        using var entered = new SemaphoreSlim(0);
        using var go = new ManualResetEventSlim();
        // The first write holds the writer inside its transaction until the others are waiting behind it.
        var first = test.Database.WriteAsync(
            session =>
            {
                entered.Release();
                go.Wait(Ct);
                return session.FindAsync<long>("SELECT 1");
            },
            Ct);
        await entered.WaitAsync(Ct);
        var before = test.Faults.Commits;
        var others = Enumerable.Range(0, 10).Select(i => store.FindOrCreateAsync(StorageSamples.NewAccount($"t{i}"), Ct)).ToList();
        go.Set();
        await Task.WhenAll(others);
        await first;
        Assert.Equal(2, test.Faults.Commits - before);

        go.Reset();
        var second = test.Database.WriteAsync(
            session =>
            {
                entered.Release();
                go.Wait(Ct);
                return session.FindAsync<long>("SELECT 1");
            },
            Ct);
        await entered.WaitAsync(Ct);
        var lost = Enumerable.Range(10, 10).Select(i => store.FindOrCreateAsync(StorageSamples.NewAccount($"t{i}"), Ct)).ToList();
        test.Faults.CrashAt(2, CommitFault.Before);
        go.Set();
        await second;
        foreach (var task in lost)
            await Assert.ThrowsAsync<InjectedFaultException>(() => task);
        test.Faults.Clear();
        Assert.Null(await store.FindByThumbprintAsync("t15", Ct));
        Assert.NotNull(await store.FindByThumbprintAsync("t5", Ct));
    }

    [Fact]
    public async Task A_write_that_was_rolled_back_with_a_neighbour_and_cancelled_since_is_not_reported_as_done()
    {
        await using var test = await TestDatabase.OpenAsync(DatabaseKind.Sqlite);
        var secrets = new SecretStore(test.Database);
        using var entered = new SemaphoreSlim(0);
        using var go = new ManualResetEventSlim();
        using var cancelled = new CancellationTokenSource();
        var first = test.Database.WriteAsync(
            session =>
            {
                entered.Release();
                go.Wait(Ct);
                return session.FindAsync<long>("SELECT 1");
            },
            Ct);
        await entered.WaitAsync(Ct);
        var runs = 0;
        var rolledBack = test.Database.WriteAsync(
            async session =>
            {
                runs++;
                await session.ExecuteAsync("INSERT INTO secrets (name, value) VALUES ('one', @Value)", new { Value = new byte[] { 1 } });
                await cancelled.CancelAsync();
                return 1;
            },
            cancelled.Token);
        var failing = test.Database.WriteAsync<int>(_ => throw new InvalidTimeZoneException(), Ct);
        var neighbour = secrets.GetOrCreateAsync("two", () => [2], Ct);
        go.Set();
        await first;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rolledBack);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => failing);
        Assert.Equal([2], await neighbour);
        Assert.Equal(1, runs);
        Assert.Equal([3], await secrets.GetOrCreateAsync("one", () => [3], Ct));
    }

    [Fact]
    public async Task Closing_finishes_the_writes_that_were_accepted()
    {
        await using var test = await TestDatabase.OpenAsync(DatabaseKind.Sqlite);
        var store = new AccountStore(test.Database);
        var writes = Enumerable.Range(0, 50).Select(i => store.FindOrCreateAsync(StorageSamples.NewAccount($"t{i}"), Ct)).ToList();

        await test.RestartAsync();

        Assert.All(await Task.WhenAll(writes), w => Assert.True(w.Created));
        Assert.NotNull(await new AccountStore(test.Database).FindByThumbprintAsync("t49", Ct));
    }

    [Fact]
    public async Task The_write_ahead_log_does_not_grow_with_the_number_of_writes()
    {
        await using var test = await TestDatabase.OpenAsync(DatabaseKind.Sqlite);
        var file = ((DatabaseSettings.Sqlite)test.Settings).File;
        var log = new LogStore(test.Database);
        var leaf = new LogLeaf("big", StorageSamples.Now, new byte[64 * 1024]);

        for (var i = 0; i < 3000; i += 100)
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => log.AppendAsync(leaf, Ct)));

        // 190 MiB were written; the log is cut back when it is longer than 32 MiB, and where that is slow, the writer waits.
        Assert.InRange(new FileInfo(file + "-wal").Length, 1, 128L << 20);
    }

    [Theory, EachDatabase]
    public async Task A_restart_frees_the_work_that_a_dead_process_had_leased(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var order = await samples.FinalizedAsync((await samples.AccountAsync()).Id, "a.example");

        await test.RestartAsync();

        var claimed = await new IssuanceStore(test.Database).ClaimAsync(StorageSamples.Lease, StorageSamples.Now, Ct);
        // On PostgreSQL another instance may be alive, so there the lease has to end.
        Assert.Equal(kind == DatabaseKind.Sqlite ? order.Id : null as OrderId?, claimed);
    }
}
