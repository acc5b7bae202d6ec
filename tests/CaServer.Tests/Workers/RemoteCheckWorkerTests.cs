using CaServer.Domain;
using CaServer.Signing;
using CaServer.Storage;
using CaServer.TestKit.Dns;

namespace CaServer.Tests.Workers;

/// <summary>A perspective in a process of its own goes on whatever it is asked, and does no more at once than it should.</summary>
public sealed class RemoteCheckWorkerTests
{
    private static readonly InstanceId s_north = new("north-1");

    [Fact]
    public async Task What_it_cannot_read_it_does_not_answer_and_it_goes_on()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        var deadline = TimeProvider.System.GetUtcNow().AddMinutes(10);
        var stranger = new InstanceId("stranger");
        await rig.Store.AskAsync(new Dictionary<RemoteCheckId, string> { [new(stranger, 1)] = "north" }, "nonsense"u8.ToArray(), deadline, rig.Ct);
        await rig.Store.AskAsync(new Dictionary<RemoteCheckId, string> { [new(stranger, 2)] = "north" }, new byte[RemoteCheckStore.MaxLength + 1], deadline, rig.Ct);
        await rig.RunAsync(rig.Perspective("north"), atOnce: 1);
        await rig.TakenAsync(s_north);
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["north"]), QuorumPolicy.AtLeast(2));

        Assert.True((await group.CheckAsync(PerspectiveRig.Request, rig.Ct)).IsProved);

        Assert.Empty(await rig.Store.TakeResultsAsync(stranger, rig.Ct));
        Assert.Equal(new HashSet<RemoteCheckId> { new(stranger, 1), new(stranger, 2) }, await rig.Store.ListTakenAsync(s_north, rig.Ct));
    }

    [Fact]
    public async Task It_takes_no_more_checks_than_it_does_at_once()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        var asked = new SemaphoreSlim(0);
        var dns = rig.Resolver(_ =>
        {
            asked.Release();
            return DnsReply.Silence;
        });
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["north"]), QuorumPolicy.AtLeast(2));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(rig.Ct);
        var checking = Enumerable.Range(0, 3).Select(_ => group.CheckAsync(PerspectiveRig.Request, stop.Token)).ToList();
        await rig.RunAsync(rig.Perspective("north", dns), atOnce: 2);

        await asked.WaitAsync(rig.Ct);
        await asked.WaitAsync(rig.Ct);
        Assert.Equal(2, (await rig.Store.ListTakenAsync(s_north, rig.Ct)).Count);
        await rig.TakeAsync("north", new InstanceId("north-2"));

        await stop.CancelAsync();
        foreach (var check in checking)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check);
    }

    [Fact]
    public async Task When_it_stops_its_checks_end()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var dns = rig.Resolver(_ =>
        {
            asked.TrySetResult();
            return DnsReply.Silence;
        });
        var north = await rig.RunAsync(rig.Perspective("north", dns));
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["north"]), QuorumPolicy.AtLeast(2));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(rig.Ct);
        var checking = group.CheckAsync(PerspectiveRig.Request, stop.Token);
        await asked.Task.WaitAsync(rig.Ct);

        await north.StopAsync(rig.Ct);
        Assert.True(north.ExecuteTask!.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => checking);
        await rig.ForgottenAsync(s_north);
    }
}
