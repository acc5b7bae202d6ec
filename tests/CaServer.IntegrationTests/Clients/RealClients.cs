using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Clients;

/// <summary>
/// One server process with SoftHSM2 tokens and one DNS server for all tests with real clients. They run one after the other: each client serves
/// its http-01 answer on the one port that the server connects to.
/// </summary>
public sealed class RealClients : IAsyncLifetime
{
    private DnsTestServer? _dns;
    private CaServerProcess? _server;

    public CaServerProcess Server => _server!;

    public DnsTestServer Dns => _dns!;

    public async ValueTask InitializeAsync()
    {
        _dns = await DnsTestServer.StartAsync(TestContext.Current.CancellationToken);
        _server = await CaServerProcess.StartAsync(
            new Dictionary<string, string> { ["Validation:Resolvers:0"] = $"{_dns.Endpoint}" }, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_dns is not null)
            await _dns.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class RealClientsTests : ICollectionFixture<RealClients>
{
    public const string Name = "Real clients";
}
