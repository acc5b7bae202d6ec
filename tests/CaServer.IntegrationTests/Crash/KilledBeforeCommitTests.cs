namespace CaServer.IntegrationTests.Crash;

/// <summary>The server dies when a step of an order is done in memory and nothing of it is written; it is started again and the client goes on.</summary>
public sealed class KilledBeforeCommitTests
{
    /// <summary>The commits of an order, in their order; each finds in the database what the one before left there.</summary>
    [Theory]
    [InlineData(1, "", 0)]
    [InlineData(2, "account", 0)]
    [InlineData(3, "account, order pending, challenge pending", 0)]
    [InlineData(4, "account, order ready, challenge valid", 0)]
    // Signed, but nobody will ever see the certificate: its serial number is given up and another one is issued.
    [InlineData(5, "account, order processing, challenge valid, certificate recorded", 1)]
    public async Task A_step_that_was_not_written_is_done_after_the_restart(int commit, string progress, int abandoned)
    {
        await using var server = await KilledServer.StartAsync();
        Assert.Equal(progress, await server.OrderAndDieAsync(commit, written: false));
        Assert.Equal(abandoned, await server.RestartAndFinishAsync());
    }

    [Fact]
    public async Task No_order_has_more_commits_than_these()
    {
        await using var server = await KilledServer.StartAsync();
        // The sixth is that of the certificate's OCSP answers, which nobody waits for.
        await server.OrderAndLiveAsync(commit: 7);
    }
}
