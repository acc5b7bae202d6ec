using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Acme;

/// <summary>
/// A server process and the DNS server that it asks. The tests of a class share both and run one after the other, each with an account and
/// names of its own.
/// </summary>
public class ServerWithDns : IAsyncLifetime
{
    private readonly Dictionary<string, string> _settings;
    private DnsTestServer? _dns;
    private CaServerProcess? _server;

    /// <summary>A server with every other setting at its default.</summary>
    public ServerWithDns()
        : this([])
    {
    }

    /// <summary>A server with settings of a class's or a test's own.</summary>
    internal ServerWithDns(Dictionary<string, string> settings) => _settings = settings;

    /// <summary>The DNS server.</summary>
    public DnsTestServer Dns => _dns!;

    /// <summary>The server.</summary>
    public CaServerProcess Server => _server!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts a server for one test.</summary>
    internal static async Task<ServerWithDns> StartAsync()
    {
        var started = new ServerWithDns();
        await started.InitializeAsync();
        return started;
    }

    /// <summary>Another server that asks the same DNS server.</summary>
    internal Task<CaServerProcess> StartAnotherAsync(Dictionary<string, string> settings) =>
        CaServerProcess.StartAsync(new Dictionary<string, string>(settings) { ["Validation:Resolvers:0"] = $"{Dns.Endpoint}" }, Cancellation);

    /// <summary>A fresh account in a fresh conversation.</summary>
    public Task<TestAccount> NewAccountAsync() => NewAccountAsync(Server);

    /// <summary>The same at another server.</summary>
    internal static async Task<TestAccount> NewAccountAsync(CaServerProcess server) =>
        await (await AcmeSession.OpenAsync(server.Client, server.Directory, Cancellation)).CreateAccountAsync();

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _dns = await DnsTestServer.StartAsync(Cancellation);
        _server = await StartAnotherAsync(_settings);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_dns is not null)
            await _dns.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
