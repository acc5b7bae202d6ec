using CaServer.Domain;
using CaServer.Signing;
using CaServer.TestKit.Dns;
using CaServer.Workers;
using Microsoft.Extensions.Logging;

namespace CaServer.Tests.Workers;

/// <summary>A perspective elsewhere that falls silent is told to the operator, waited for less from then on, and heard when it is back.</summary>
public sealed class SilentPerspectiveTests
{
    private const int FellSilent = 2111;
    private const int AnswersAgain = 2112;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(37);
    private static readonly InstanceId s_south = new("south-1");

    private readonly KeptLog<RemotePerspectives> _log = new();

    [Fact]
    public async Task A_perspective_that_falls_silent_is_in_the_log_once_and_once_when_it_answers_again()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        // After two waits it is the time at which the perspective signs.
        var clock = new WatchedTime(TimeProvider.System.GetUtcNow() - 2 * s_patience);
        var remotes = rig.Remotes(["south"], s_patience, clock, _log);
        using var group = PerspectiveRig.Group(rig.Perspective("local"), remotes, QuorumPolicy.AtLeast(2), clock);

        for (var i = 0; i < 2; i++)
        {
            var waiting = group.CheckAsync(PerspectiveRig.Request, rig.Ct);
            await rig.TakeAsync("south", s_south);
            await clock.WaitingAsync(s_patience, rig.Ct);
            clock.Advance(s_patience);
            Assert.Equal("local: valid, south: perspective-silent", (await waiting).Findings);
            await rig.ForgottenAsync(s_south);
            Assert.Equal(
                (FellSilent, LogLevel.Warning, "The perspective south had no answer within 37 s: is its process running, and does it reach the database?"),
                Assert.Single(_log.Lines));
            Assert.True(remotes.IsSilent("south"));
        }

        for (var i = 0; i < 2; i++)
        {
            var answered = group.CheckAsync(PerspectiveRig.Request, rig.Ct);
            await rig.AnswerAsync(remotes, "south");
            Assert.Equal("local: valid, south: valid", (await answered).Findings);
            Assert.Equal([(AnswersAgain, LogLevel.Information, "The perspective south answers again")], _log.Lines.Skip(1));
            Assert.False(remotes.IsSilent("south"));
        }
    }

    [Theory]
    [InlineData(true, 1000, 250)]
    [InlineData(false, 5000, 1250)]
    public async Task Who_was_silent_the_last_time_is_waited_for_a_quarter_of_the_time_until_it_is_back(bool isProved, int first, int then)
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        var clock = new WatchedTime(DateTimeOffset.UnixEpoch);
        var remotes = rig.Remotes(["south"], log: _log);
        // What this process sees decides it.
        var local = rig.Perspective("local", isProved ? null : DnsReply.UnknownName);
        using var group = PerspectiveRig.Group(local, remotes, QuorumPolicy.AtLeast(isProved ? 1 : 2), clock);

        await SilentAsync(first);
        Assert.Equal($"The perspective south had no answer within {first / 1000} s: is its process running, and does it reach the database?", Assert.Single(_log.Lines).Sentence);
        await SilentAsync(then);
        await SilentAsync(then);
        Assert.Single(_log.Lines);

        var back = group.CheckAsync(PerspectiveRig.Request, rig.Ct);
        await rig.AnswerAsync(remotes, "south");
        Assert.EndsWith("south: valid", (await back).Findings, StringComparison.Ordinal);
        Assert.Equal([FellSilent, AnswersAgain], _log.Lines.Select(l => l.Event));

        await SilentAsync(first);
        Assert.Equal([FellSilent, AnswersAgain, FellSilent], _log.Lines.Select(l => l.Event));

        async Task SilentAsync(int milliseconds)
        {
            var time = TimeSpan.FromMilliseconds(milliseconds);
            var checking = group.CheckAsync(PerspectiveRig.Request, rig.Ct);
            await rig.TakeAsync("south", s_south);
            await clock.WaitingAsync(time, rig.Ct);
            clock.Advance(time - TimeSpan.FromMilliseconds(1));
            Assert.False(checking.IsCompleted);
            clock.Advance(TimeSpan.FromMilliseconds(1));
            var outcome = await checking;
            Assert.Equal(isProved, outcome.IsProved);
            Assert.EndsWith("south: perspective-silent", outcome.Findings, StringComparison.Ordinal);
            await rig.ForgottenAsync(s_south);
        }
    }

    [Fact]
    public async Task Somebody_else_who_is_late_is_waited_for_as_long_as_ever()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        var clock = new WatchedTime(DateTimeOffset.UnixEpoch);
        var (local, remotes) = (rig.Perspective("local"), rig.Remotes(["south", "north"], log: _log));
        using var two = PerspectiveRig.Group(local, remotes, QuorumPolicy.AtLeast(2), clock);
        using var one = PerspectiveRig.Group(local, remotes, QuorumPolicy.AtLeast(1), clock);
        var checking = two.CheckAsync(PerspectiveRig.Request, rig.Ct);
        await rig.AnswerAsync(remotes, "north");
        await clock.WaitingAsync(TimeSpan.FromSeconds(1), rig.Ct);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("local: valid, south: perspective-silent, north: valid", (await checking).Findings);

        checking = one.CheckAsync(PerspectiveRig.Request, rig.Ct);
        await clock.WaitingAsync(TimeSpan.FromSeconds(1), rig.Ct);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("local: valid, south: perspective-silent, north: perspective-silent", (await checking).Findings);
        Assert.True(remotes.IsSilent("south") && remotes.IsSilent("north"));
        Assert.Equal(2, _log.Lines.Count(l => l.Event == FellSilent));
    }
}
