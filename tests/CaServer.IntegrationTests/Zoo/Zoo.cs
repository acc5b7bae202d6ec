using CaServer.IntegrationTests.Acme;
using CaServer.IntegrationTests.Zoo;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

[assembly: AssemblyFixture(typeof(Zoo))]

namespace CaServer.IntegrationTests.Zoo;

/// <summary>
/// What all clients of the zoo share: one server process, a second one that requires an external account binding, and the DNS. Each client has
/// a loopback address of its own, and names that lead there, so that all can answer on the same ports at the same time.
/// </summary>
public sealed class Zoo : IAsyncDisposable
{
    private readonly Lazy<Task<DnsTestServer>> _dns;
    private readonly Lazy<Task<CaServerProcess>> _server;
    private readonly Lazy<Task<(CaServerProcess Server, TestBinding Key)>> _bindingServer;
    private int _clients;

    public Zoo()
    {
        _dns = new(() => DnsTestServer.StartAsync());
        _server = new(() => StartAsync([]));
        _bindingServer = new(StartBindingServerAsync);
    }

    /// <summary>The DNS server.</summary>
    public Task<DnsTestServer> Dns => _dns.Value;

    /// <summary>The server that all clients use.</summary>
    public Task<CaServerProcess> Server => _server.Value;

    /// <summary>A machine with a client on it.</summary>
    /// <param name="client">The client's section in <c>docs/clients.md</c>.</param>
    /// <param name="programs">Whose programs it has.</param>
    internal async Task<ZooClient> ClientAsync(string client, Programs programs) =>
        await ZooClient.StartAsync(client, programs, await Server, await Dns, Interlocked.Increment(ref _clients), key: null);

    /// <summary>The same with an account still to be made at the server that requires a binding, and a key for that.</summary>
    internal async Task<ZooClient> BoundClientAsync(string client, Programs programs)
    {
        var (server, key) = await _bindingServer.Value;
        return await ZooClient.StartAsync(client, programs, server, await Dns, Interlocked.Increment(ref _clients), key);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_bindingServer.IsValueCreated)
            await (await _bindingServer.Value).Server.DisposeAsync();
        if (_server.IsValueCreated)
            await (await _server.Value).DisposeAsync();
        if (_dns.IsValueCreated)
            await (await _dns.Value).DisposeAsync();
    }

    private async Task<(CaServerProcess Server, TestBinding Key)> StartBindingServerAsync()
    {
        var server = await StartAsync(new() { ["Acme:ExternalAccountRequired"] = "true" });
        return (server, await new EabCommandLine(server.DataDirectory).CreateAsync("--accounts", "1000"));
    }

    private async Task<CaServerProcess> StartAsync(Dictionary<string, string> settings)
    {
        settings["Validation:Resolvers:0"] = $"{(await Dns).Endpoint}";
        return await CaServerProcess.StartAsync(settings);
    }
}
