using System.Net;

namespace CaServer.TestKit.Processes;

/// <summary>Waits for a process of the server to say that it is ready.</summary>
internal static class Readiness
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    /// <summary>Returns once it is.</summary>
    /// <param name="process">The process.</param>
    /// <param name="adminPort">Where it answers about its health.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidOperationException">It ended instead.</exception>
    /// <exception cref="TimeoutException">It was not ready in time.</exception>
    public static async Task WaitAsync(ChildProcess process, int adminPort, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        using var client = new HttpClient();
        using var timer = new PeriodicTimer(PollInterval);
        try
        {
            while (!await IsReadyAsync(client, adminPort, deadline.Token))
            {
                if (process.HasExited)
                    throw new InvalidOperationException($"The server ended with exit code {await process.WaitForExitAsync(deadline.Token)} instead of getting ready:\n{process.Output}");
                await timer.WaitForNextTickAsync(deadline.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"The server was not ready within {Deadline.TotalSeconds} s:\n{process.Output}");
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, int adminPort, CancellationToken cancellation)
    {
        try
        {
            using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{adminPort}/health/ready"), cancellation);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
