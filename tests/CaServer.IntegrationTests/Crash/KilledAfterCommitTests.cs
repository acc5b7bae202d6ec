namespace CaServer.IntegrationTests.Crash;

/// <summary>The server dies when a step of an order is written and nobody was told; it is started again and the client goes on.</summary>
public sealed class KilledAfterCommitTests
{
    /// <summary>The commits of an order, as in <see cref="KilledBeforeCommitTests"/>, and what each leaves in the database.</summary>
    [Theory]
    [InlineData(1, "account", 0)]
    [InlineData(2, "account, order pending, challenge pending", 0)]
    [InlineData(3, "account, order ready, challenge valid", 0)]
    // Not signed, but after the restart nobody can know that.
    [InlineData(4, "account, order processing, challenge valid, certificate recorded", 1)]
    [InlineData(5, "account, order valid, challenge valid, certificate issued", 0)]
    public async Task A_step_that_was_written_is_not_done_again(int commit, string progress, int abandoned)
    {
        await using var server = await KilledServer.StartAsync();
        Assert.Equal(progress, await server.OrderAndDieAsync(commit, written: true));
        Assert.Equal(abandoned, await server.RestartAndFinishAsync());
    }
}
