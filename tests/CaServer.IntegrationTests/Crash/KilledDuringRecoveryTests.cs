using System.Text.RegularExpressions;

namespace CaServer.IntegrationTests.Crash;

/// <summary>
/// The server died with a signed certificate that was not stored; started again, it dies a second time while it makes that good, and the third
/// start finishes. Nobody asks for anything in between: recovery begins by itself.
/// </summary>
public sealed partial class KilledDuringRecoveryTests
{
    private const string Recorded = "account, order processing, challenge valid, certificate recorded";
    private const string Abandoned = "account, order processing, challenge valid, certificate abandoned";
    private const string RecordedAnew = "account, order processing, challenge valid, certificate abandoned, certificate recorded";
    private const string Issued = "account, order valid, challenge valid, certificate abandoned, certificate issued";

    // A start may write other things too; each commit is tried until the last that matters, and no more than this many are.
    private const int MostCommits = 15;

    [Theory]
    [InlineData(false, new[] { Recorded, Abandoned, RecordedAnew })]
    [InlineData(true, new[] { Recorded, Abandoned, RecordedAnew, Issued })]
    public async Task Recovery_that_is_interrupted_begins_anew_at_the_next_start(bool written, string[] progress)
    {
        await using var server = await KilledServer.StartAsync();
        Assert.Equal(Recorded, await server.OrderAndDieAsync(commit: 5, written: false));
        await server.KeepDataAsync();
        var seen = new List<string>();
        for (var commit = 1; seen.LastOrDefault() != progress[^1]; commit++)
        {
            Assert.True(commit <= MostCommits, $"After {MostCommits} commits: {string.Join("; ", seen)}");
            await server.RestoreDataAsync();
            var reached = await server.RecoverAndDieAsync(commit, written);
            if (seen.LastOrDefault() != reached)
                seen.Add(reached);
            // What is recorded when the server dies is abandoned like what was before.
            Assert.Equal(Unissued().Count(reached), await server.RestartAndFinishAsync());
        }
        Assert.Equal(progress, seen);
    }

    [GeneratedRegex("certificate (recorded|abandoned)")]
    private static partial Regex Unissued();
}
