using System.Collections.Concurrent;
using System.Diagnostics;
using CaServer.Bench.Acme;
using CaServer.Bench.Servers;

namespace CaServer.Bench.Load;

/// <summary>
/// Asks for nonces at a steady rate, whether or not those before were answered, and watches the server's threads and memory meanwhile.
/// Latencies are of whole requests on connections that are open.
/// </summary>
internal sealed class NonceProbe : IAsyncDisposable
{
    private const int Connections = 16;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentQueue<(int Phase, double Milliseconds)> _samples = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http;
    private readonly string _url;
    private readonly int _pid;
    private readonly Task _loop;
    private int _failures;

    public NonceProbe(ServerTrust trust, string url, int pid)
    {
        _http = trust.CreateClient(Connections);
        (_url, _pid) = (url, pid);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>What is going on; each sample belongs to the phase in which it was sent.</summary>
    public int Phase { get; set; }

    /// <summary>Requests that were not answered with a nonce.</summary>
    public int Failures => Volatile.Read(ref _failures);

    /// <summary>Most threads that the server was seen to have.</summary>
    public int MostThreads { get; private set; }

    /// <summary>Most memory that it was seen to have.</summary>
    public long MostRssBytes { get; private set; }

    /// <summary>Latencies of a phase; of all for null.</summary>
    public Percentiles? Latencies(int? phase) => Percentiles.Of(_samples.Where(s => phase is null || s.Phase == phase).Select(s => s.Milliseconds));

    /// <summary>Waits for what is under way.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _loop;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var asked = new List<Task>();
        using var timer = new PeriodicTimer(s_interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                asked.RemoveAll(t => t.IsCompleted);
                asked.Add(AskAsync(Phase));
                var (threads, rss) = ProcessUsage.Now(_pid);
                (MostThreads, MostRssBytes) = (Math.Max(MostThreads, threads), Math.Max(MostRssBytes, rss));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(asked);
        }
    }

    private async Task AskAsync(int phase)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, _url);
            using var response = await _http.SendAsync(request);
            if (!response.IsSuccessStatusCode || !response.Headers.Contains("Replay-Nonce"))
                Interlocked.Increment(ref _failures);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            Interlocked.Increment(ref _failures);
        }
        _samples.Enqueue((phase, Stopwatch.GetElapsedTime(began).TotalMilliseconds));
    }
}
