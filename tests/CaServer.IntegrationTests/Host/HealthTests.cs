using System.Net;
using System.Text.Json;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Host;

public sealed class HealthTests : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private CaServerProcess _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lost_token_makes_the_server_unready_until_it_is_back()
    {
        var tokens = Path.Combine(_server.DataDirectory, "hsm", "tokens");
        Directory.Move(tokens, tokens + ".away");
        using var lost = await GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, lost.StatusCode);
        var checks = JsonDocument.Parse(await lost.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("checks");
        Assert.Equal("ok", checks.GetProperty("database").GetString());
        Assert.NotEqual("ok", checks.GetProperty("hsm").GetString());
        using var live = await GetAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);

        Directory.Move(tokens + ".away", tokens);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            using var back = await GetAsync("/health/ready");
            if (back.StatusCode == HttpStatusCode.OK)
                break;
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    [Fact]
    public async Task Metrics_count_answers_and_tell_the_ends_of_CRL_and_certificate()
    {
        using var _ = await _server.Client.GetAsync(_server.Directory, Cancellation);
        using var answer = await GetAsync("/metrics");
        Assert.StartsWith("text/plain", answer.Content.Headers.ContentType?.ToString(), StringComparison.Ordinal);
        var lines = (await answer.Content.ReadAsStringAsync(Cancellation)).Split('\n');
        Assert.Contains("caserver_http_answers_total{listener=\"acme\",status=\"2xx\"} 1", lines);
        Assert.Contains(lines, l => l.StartsWith("caserver_crl_next_update_seconds{issuer=\"issuing\"} 1", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("caserver_tls_not_after_seconds 1", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("process_cpu_seconds_total ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_threads_that_write_and_watch_do_not_interrupt_requests_and_begin_threads_like_any_other()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (BatchThreads() is not [".NET Sockets", "sqlite writer"])
            await timer.WaitForNextTickAsync(deadline.Token);
    }

    // proc_pid_stat(5): the policy is the 41st field, and the name in parentheses the second; sched(7): SCHED_BATCH is 3.
    private List<string> BatchThreads() =>
    [
        .. Directory.EnumerateDirectories($"/proc/{_server.Id}/task")
            .Select(thread => File.ReadAllText(Path.Combine(thread, "stat")))
            .Where(stat => stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[38] == "3")
            .Select(stat => stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..stat.LastIndexOf(')')])
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];

    [Fact]
    public async Task An_idle_connection_does_not_hold_up_the_stop()
    {
        using var _ = await _server.Client.GetAsync(_server.Directory, Cancellation);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        Assert.Equal(0, await _server.StopAsync(deadline.Token));
    }

    public async ValueTask InitializeAsync() => _server = await CaServerProcess.StartAsync(cancellation: Cancellation);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    private Task<HttpResponseMessage> GetAsync(string path) => _client.GetAsync(new Uri(_server.AdminUrl, path), Cancellation);
}
