using CaServer.IntegrationTests.Acme;

namespace CaServer.IntegrationTests.Host;

/// <summary>Clients that are slow on purpose are cut off, and keep nobody else waiting.</summary>
public sealed class SlowClientTests(AcmeServer shared) : IDisposable
{
    private const int Each = 5;

    // The server's own bounds are 10 s for a handshake and for a request's head, and 240 octets a second for its body.
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(120);

    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_slow_head_a_slow_body_and_a_slow_handshake_end_on_every_listener_while_others_are_served()
    {
        _end.CancelAfter(s_deadline);
        var server = shared.Server;
        var (acme, status, admin) = (server.PublicUrl, server.StatusUrl, server.AdminUrl);
        var requests = new[]
        {
            (acme, "GET /acme/directory HTTP/1.1\r\nHost: x\r\nX-Slow: "),
            (acme, $"POST /acme/new-order HTTP/1.1\r\nHost: {acme.Authority}\r\nContent-Type: application/jose+json\r\nContent-Length: 5000\r\n\r\n{{"),
            (acme, $"POST /acme/new-order HTTP/1.1\r\nHost: {acme.Authority}\r\nContent-Type: application/jose+json\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\n{{"),
            (status, "GET /ca/root.pem HTTP/1.1\r\nHost: x\r\nX-Slow: "),
            (status, "POST /ocsp/issuing HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\nContent-Length: 5000\r\n\r\n0"),
            (admin, "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: "),
        };
        var slow = requests.SelectMany(r => Enumerable.Range(0, Each).Select(_ => SlowClient.RequestAsync(server, r.Item1, r.Item2, _end.Token))).ToList();
        var handshakes = new[] { Array.Empty<byte>(), [0x16, 0x03, 0x01, 0x02] }.Select(b => SlowClient.HandshakeAsync(acme, b, _end.Token)).ToList();
        var all = Task.WhenAll(slow.Concat(handshakes));

        var served = 0;
        using var others = new HttpClient();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!all.IsCompleted)
        {
            using var directory = await server.Client.GetAsync(server.Directory, _end.Token);
            using var root = await others.GetAsync(new Uri(status, "/ca/root.pem"), _end.Token);
            using var live = await others.GetAsync(new Uri(admin, "/health/live"), _end.Token);
            Assert.True(directory.IsSuccessStatusCode && root.IsSuccessStatusCode && live.IsSuccessStatusCode);
            served++;
            await Task.WhenAny(all, timer.WaitForNextTickAsync(_end.Token).AsTask());
        }

        Assert.True(served > 1);
        Assert.All(await Task.WhenAll(slow), a => Assert.StartsWith("HTTP/1.1 408 ", a, StringComparison.Ordinal));
        Assert.All((await Task.WhenAll(slow)).Skip(Each).Take(2 * Each), a => Assert.Contains("urn:ietf:params:acme:error:malformed", a, StringComparison.Ordinal));
        Assert.All(await Task.WhenAll(handshakes), Assert.Empty);
    }

    [Fact]
    public async Task Slow_clients_that_take_all_connections_of_a_listener_leave_the_others_alone_and_do_not_keep_it()
    {
        const int most = 16;
        _end.CancelAfter(s_deadline);
        await using var own = new AcmeServer(new Dictionary<string, string> { ["Limits:MaxConnections"] = $"{most}" });
        await own.InitializeAsync();
        var server = own.Server;
        var slow = Enumerable.Range(0, most).Select(_ => SlowClient.HandshakeAsync(server.PublicUrl, [], _end.Token)).ToList();

        using var client = server.NewClient();
        // A connection that is kept would be served as long as it lasts.
        client.DefaultRequestHeaders.ConnectionClose = true;
        await UntilAsync(async () =>
        {
            if (!await AnswersAsync(client, server.Directory))
                return true;
            // The place that this request had was one that a slow client did not get.
            slow.Add(SlowClient.HandshakeAsync(server.PublicUrl, [], _end.Token));
            return false;
        });
        using var others = new HttpClient();
        Assert.True(await AnswersAsync(others, new Uri(server.StatusUrl, "/ca/root.pem")));
        Assert.True(await AnswersAsync(others, new Uri(server.AdminUrl, "/health/live")));

        await Task.WhenAll(slow);
        await UntilAsync(() => AnswersAsync(client, server.Directory));
    }

    public void Dispose() => _end.Dispose();

    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (!await condition())
            await timer.WaitForNextTickAsync(_end.Token);
    }

    private async Task<bool> AnswersAsync(HttpClient client, Uri url)
    {
        try
        {
            using var answer = await client.GetAsync(url, _end.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
