namespace CaServer.TestKit.Processes;

/// <summary>Waits for what another process does without telling anybody.</summary>
internal static class Polling
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>Returns once the condition holds.</summary>
    public static async Task UntilAsync(Func<bool> condition, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Interval);
        while (!condition())
            await timer.WaitForNextTickAsync(cancellation);
    }
}
