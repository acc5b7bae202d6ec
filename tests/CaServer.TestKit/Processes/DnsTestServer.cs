using System.Net;
using System.Net.Http.Json;

namespace CaServer.TestKit.Processes;

/// <summary>
/// A real DNS server on 127.0.0.1 (pebble-challtestsrv) that answers for every name, unless told otherwise with 127.0.0.1 and without IPv6.
/// </summary>
public sealed class DnsTestServer : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);
    private readonly ChildProcess _process;
    private readonly HttpClient _management;

    private DnsTestServer(ChildProcess process, int dnsPort, int managementPort)
    {
        _process = process;
        _management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{managementPort}") };
        Management = _management.BaseAddress;
        Endpoint = new IPEndPoint(IPAddress.Loopback, dnsPort);
    }

    /// <summary>Where it answers, for <c>Validation:Resolvers</c>; UDP and TCP.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Base of its management interface, for programs that publish records themselves.</summary>
    public Uri Management { get; }

    /// <summary>Starts the server and waits until it answers.</summary>
    public static async Task<DnsTestServer> StartAsync(CancellationToken cancellation = default)
    {
        var dns = LoopbackPorts.Next();
        var management = LoopbackPorts.Next();
        var program = ExternalProgram.Find("pebble-challtestsrv");
        var server = new DnsTestServer(
            program.Start(["-dns01", $"127.0.0.1:{dns}", "-management", $"127.0.0.1:{management}",
                "-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""]),
            dns, management);
        try
        {
            await server.WaitUntilItAnswersAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets a name have these IPv4 addresses and no others.</summary>
    public async Task SetAddressesAsync(string name, params IEnumerable<string> addresses)
    {
        await TellAsync("/clear-a", new { host = name });
        await TellAsync("/add-a", new { host = name, addresses = addresses.ToArray() });
    }

    /// <summary>Lets a name have these IPv6 addresses and no others.</summary>
    public Task SetIPv6AddressesAsync(string name, params IEnumerable<string> addresses) =>
        TellAsync("/add-aaaa", new { host = name, addresses = addresses.ToArray() });

    /// <summary>Gives a name one more TXT record.</summary>
    public Task AddTextAsync(string name, string value) => TellAsync("/set-txt", new { host = name + ".", value });

    /// <summary>Takes a name's TXT records away.</summary>
    public Task ClearTextAsync(string name) => TellAsync("/clear-txt", new { host = name + "." });

    /// <summary>Lets a name be an alias of another.</summary>
    public Task SetAliasAsync(string name, string target) => TellAsync("/set-cname", new { host = name, target });

    /// <summary>Lets all questions about a name end in SERVFAIL.</summary>
    public Task FailAsync(string name) => TellAsync("/set-servfail", new { host = name });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _management.Dispose();
        await _process.DisposeAsync();
    }

    private async Task TellAsync(string path, object what, CancellationToken cancellation = default)
    {
        using var response = await _management.PostAsJsonAsync(path, what, cancellation);
        response.EnsureSuccessStatusCode();
    }

    // The DNS servers are started before the management interface; what it accepts, they answer.
    private async Task WaitUntilItAnswersAsync(CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        using var timer = new PeriodicTimer(PollInterval);
        while (true)
        {
            try
            {
                await TellAsync("/clear-a", new { host = "ready.example" }, deadline.Token);
                return;
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
            catch (HttpRequestException e)
            {
                throw new InvalidOperationException($"pebble-challtestsrv ended instead of answering:\n{_process.Output}", e);
            }
        }
    }
}
