using CaServer.IntegrationTests.Acme;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

[assembly: AssemblyFixture(typeof(AcmeServer))]

namespace CaServer.IntegrationTests.Acme;

/// <summary>One real server and one http-01 responder that all protocol tests share; each test has accounts of its own.</summary>
public sealed class AcmeServer : IAsyncLifetime
{
    private readonly Dictionary<string, string>? _settings;
    private CaServerProcess? _server;
    private Http01Responder? _responder;

    /// <summary>The server that the tests share: every setting at its default.</summary>
    public AcmeServer()
    {
    }

    /// <summary>A server of a test's own.</summary>
    internal AcmeServer(Dictionary<string, string> settings) => _settings = settings;

    /// <summary>The server.</summary>
    public CaServerProcess Server => _server!;

    /// <summary>Answers the http-01 checks.</summary>
    public Http01Responder Responder => _responder!;

    /// <summary>Starts a conversation.</summary>
    public Task<AcmeSession> OpenAsync() => AcmeSession.OpenAsync(Server.Client, Server.Directory, TestContext.Current.CancellationToken);

    /// <summary>A fresh account in a fresh conversation.</summary>
    public async Task<TestAccount> NewAccountAsync(string algorithm = "ES256") =>
        await (await OpenAsync()).CreateAccountAsync(TestAccountKey.Create(algorithm));

    /// <summary>Answers the http-01 challenge of each authorization of an order and waits for them to be valid.</summary>
    public async Task ProveAsync(TestAccount account, AcmeAnswer order)
    {
        foreach (var url in order.Json.GetProperty("authorizations").EnumerateArray().Select(a => a.GetString()!))
        {
            var authorization = await account.GetAsync(url);
            if (authorization["status"] == "valid")
                continue;
            var challenge = authorization.Json.GetProperty("challenges").EnumerateArray().Single(c => c.GetProperty("type").GetString() == "http-01");
            var token = challenge.GetProperty("token").GetString()!;
            Responder.Answer(token, token + "." + account.Key.Thumbprint);
            var answered = await account.PostAsync(challenge.GetProperty("url").GetString()!, "{}");
            Assert.Equal(200, answered.Status);
            var done = await account.PollAsync(url, TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
            Assert.True(done["status"] == "valid", done.ToString());
        }
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _server = await CaServerProcess.StartAsync(_settings);
        _responder = new Http01Responder(_server.Http01Port);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_responder is not null)
            await _responder.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
