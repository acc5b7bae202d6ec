using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Acme;

/// <summary>Clients in a browser (RFC 8555 §6.1, the Fetch standard's CORS protocol), and how many names an order may have.</summary>
public sealed class BrowserTests(AcmeServer plain, BrowserTests.AllowingServer allowing) : IClassFixture<BrowserTests.AllowingServer>
{
    private const string Page = "https://page.example";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_preflight_of_an_allowed_page_is_answered_and_takes_no_nonce()
    {
        var answer = await PreflightAsync(allowing.Server, "/acme/new-order", Page);
        Assert.Equal(204, answer.Status);
        Assert.Equal(Page, answer.Header("Access-Control-Allow-Origin"));
        Assert.Contains("POST", answer.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Contains("content-type", answer.Header("Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
        Assert.Null(answer.Header("Access-Control-Allow-Credentials"));
        Assert.Null(answer.Nonce);
    }

    [Theory]
    [InlineData("HEAD", "/acme/new-nonce", 200)]
    [InlineData("GET", "/acme/directory", 200)]
    [InlineData("POST", "/acme/new-order", 415)]
    [InlineData("GET", "/acme/renewal-info/nonsense", 400)]
    public async Task Answers_and_errors_can_be_read_by_an_allowed_page_with_the_headers_that_clients_need(string method, string path, int status)
    {
        var answer = await SendAsync(allowing.Server, method, path, Page);
        Assert.Equal(status, answer.Status);
        Assert.Equal(Page, answer.Header("Access-Control-Allow-Origin"));
        var exposed = answer.Header("Access-Control-Expose-Headers")!.Split(',', StringSplitOptions.TrimEntries);
        Assert.Equal(["Link", "Location", "Replay-Nonce", "Retry-After"], exposed.Order(StringComparer.Ordinal));
        Assert.Contains("Origin", answer.Header("Vary"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_page_and_what_is_no_ACME_resource_get_no_leave()
    {
        Assert.Null((await PreflightAsync(allowing.Server, "/acme/new-order", "https://other.example")).Header("Access-Control-Allow-Origin"));
        Assert.Null((await SendAsync(allowing.Server, "GET", "/acme/directory", "http://page.example")).Header("Access-Control-Allow-Origin"));
        Assert.Null((await SendAsync(allowing.Server, "GET", "/terms", Page)).Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Without_the_setting_no_page_gets_leave()
    {
        var preflight = await PreflightAsync(plain.Server, "/acme/new-order", Page);
        Assert.Equal((405, "POST"), (preflight.Status, preflight.Header("Allow")));
        foreach (var answer in new[] { preflight, await SendAsync(plain.Server, "GET", "/acme/directory", Page) })
            Assert.DoesNotContain(answer.Headers.Keys, h => h.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task An_order_with_more_names_than_the_setting_allows_is_told_how_many_it_may_have()
    {
        var account = await (await AcmeSession.OpenAsync(allowing.Server.Client, allowing.Server.Directory, Cancellation)).CreateAccountAsync();
        Assert.Equal(201, (await account.OrderAsync("one.localhost", "two.localhost")).Status);
        var answer = await account.OrderAsync("one.localhost", "two.localhost", "three.localhost");
        Assert.Equal((400, "malformed"), (answer.Status, answer.ProblemType));
        Assert.Equal("The order has 3 identifiers; this CA takes at most 2 in one order, so spread them over several.", answer["detail"]);
    }

    private static Task<AcmeAnswer> PreflightAsync(CaServerProcess server, string path, string origin) =>
        SendAsync(server, "OPTIONS", path, origin, ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type"));

    private static async Task<AcmeAnswer> SendAsync(CaServerProcess server, string method, string path, string origin, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.PublicUrl, path));
        request.Headers.Add("Origin", origin);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await server.Client.SendAsync(request, Cancellation);
        return await AcmeAnswer.ReadAsync(response, Cancellation);
    }

    /// <summary>A server that one page may use, with orders of two names at most.</summary>
    public sealed class AllowingServer : IAsyncLifetime
    {
        private CaServerProcess? _server;

        /// <summary>The server.</summary>
        public CaServerProcess Server => _server!;

        /// <inheritdoc/>
        public async ValueTask InitializeAsync() => _server = await CaServerProcess.StartAsync(new Dictionary<string, string>
        {
            ["Acme:CorsOrigins:0"] = Page,
            ["Acme:CorsOrigins:1"] = "https://second.example",
            ["Acme:MaxIdentifiers"] = "2",
        });

        /// <inheritdoc/>
        public async ValueTask DisposeAsync()
        {
            if (_server is not null)
                await _server.DisposeAsync();
        }
    }
}
