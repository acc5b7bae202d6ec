using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class LogStoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task The_sequence_begins_at_zero_and_has_no_gaps_however_many_append(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new LogStore(test.Database);
        Assert.Equal(0, await store.CountAsync(Ct));

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => store.AppendAsync(StorageSamples.Leaf("ceremony"), Ct), Ct)));

        Assert.Equal(20, await store.CountAsync(Ct));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (long)i), (await store.ReadAsync(0, 100, Ct)).Select(l => l.Sequence));
        Assert.Equal([18L, 19L], (await store.ReadAsync(18, 100, Ct)).Select(l => l.Sequence));
        var first = Assert.Single(await store.ReadAsync(0, 1, Ct));
        Assert.Equal(("ceremony", StorageSamples.Now), (first.Kind, first.At));
        Assert.Equal([1, 2, 3], first.Body);
    }

    [Theory, EachDatabase]
    public async Task An_append_whose_commit_failed_leaves_no_gap(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new LogStore(test.Database);
        test.Faults.FailNext(CommitFault.Before);
        await Assert.ThrowsAsync<InjectedFaultException>(() => store.AppendAsync(StorageSamples.Leaf("lost"), Ct));

        Assert.Equal(0, await store.AppendAsync(StorageSamples.Leaf("kept"), Ct));

        Assert.Equal(["kept"], (await store.ReadAsync(0, 10, Ct)).Select(l => l.Kind));
    }
}
