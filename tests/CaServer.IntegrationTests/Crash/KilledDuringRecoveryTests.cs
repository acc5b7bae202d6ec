namespace CaServer.IntegrationTests.Crash;

/// <summary>
/// The server died with a signed certificate that was not stored; started again, it dies a second time while it makes that good, and the third
/// start finishes. Nobody asks for anything in between: recovery begins by itself.
/// </summary>
public sealed class KilledDuringRecoveryTests
{
    private const string Recorded = "account, order processing, challenge valid, certificate recorded";
    private const string Abandoned = "account, order processing, challenge valid, certificate abandoned";
    private const string RecordedAnew = "account, order processing, challenge valid, certificate abandoned, certificate recorded";
    private const string Issued = "account, order valid, challenge valid, certificate abandoned, certificate issued";

    // The write-ahead log begins anew at a start, and its head is synced as if it were a commit: number 1. Then the order is leased (2), the serial
    // number that was left is abandoned (3), the next one recorded (4), and the certificate stored (5).
    [Theory]
    [InlineData(2, false, Recorded, 1)]
    [InlineData(2, true, Recorded, 1)]
    [InlineData(3, false, Recorded, 1)]
    [InlineData(3, true, Abandoned, 1)]
    [InlineData(4, false, Abandoned, 1)]
    [InlineData(4, true, RecordedAnew, 2)]
    [InlineData(5, false, RecordedAnew, 2)]
    [InlineData(5, true, Issued, 1)]
    public async Task Recovery_that_is_interrupted_begins_anew_at_the_next_start(int commit, bool written, string progress, int abandoned)
    {
        await using var server = await KilledServer.StartAsync();
        Assert.Equal(Recorded, await server.OrderAndDieAsync(commit: 7, written: false));
        Assert.Equal(progress, await server.RecoverAndDieAsync(commit, written));
        Assert.Equal(abandoned, await server.RestartAndFinishAsync());
    }
}
