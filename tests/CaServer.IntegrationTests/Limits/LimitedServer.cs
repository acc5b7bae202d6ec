using System.Text.Json;
using CaServer.IntegrationTests.Acme;
using CaServer.IntegrationTests.Host;
using CaServer.IntegrationTests.Limits;
using CaServer.TestKit.Acme;

[assembly: AssemblyFixture(typeof(LimitedServer))]

namespace CaServer.IntegrationTests.Limits;

/// <summary>A server with limits that are soon met, behind a proxy on this machine. Each test has accounts and names of its own.</summary>
public sealed class LimitedServer : IAsyncLifetime
{
    private int _clients;

    /// <summary>The server.</summary>
    public AcmeServer Acme { get; } = new(Settings());

    /// <summary>The settings of such a server.</summary>
    internal static Dictionary<string, string> Settings() => new()
    {
        ["Server:TrustedProxies:0"] = "127.0.0.0/8",
        ["Limits:AccountsPerAddress:Count"] = "2",
        ["Limits:AccountsPerAddress:Period"] = "1h",
        ["Limits:OrdersPerAccount:Count"] = "6",
        ["Limits:OrdersPerAccount:Period"] = "1h",
        ["Limits:CertificatesPerDomain:Count"] = "4",
        ["Limits:CertificatesPerDomain:Period"] = "7d",
        ["Limits:CertificatesPerNames:Count"] = "2",
        ["Limits:CertificatesPerNames:Period"] = "7d",
        ["Limits:FailedValidations:Count"] = "2",
        ["Limits:FailedValidations:Period"] = "1h",
        ["Limits:PendingAuthorizations:Count"] = "5",
    };

    /// <summary>A conversation from an address of its own.</summary>
    public Task<AcmeSession> OpenAsync() => OpenAsync(Acme, $"198.51.100.{Interlocked.Increment(ref _clients)}");

    /// <summary>A conversation from an address, as a proxy tells it.</summary>
    public static async Task<AcmeSession> OpenAsync(AcmeServer acme, string address)
    {
        var client = acme.Server.NewClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", $"203.0.113.1, {address}");
        return await AcmeSession.OpenAsync(client, acme.Server.Directory, TestContext.Current.CancellationToken);
    }

    /// <summary>A fresh account from an address of its own.</summary>
    public async Task<TestAccount> NewAccountAsync() => await (await OpenAsync()).CreateAccountAsync();

    /// <summary>Runs a command of this server that succeeds and prints JSON.</summary>
    public static async Task<JsonElement> CommandAsync(AcmeServer acme, params IEnumerable<string> arguments)
    {
        var run = await RunAsync(acme, [.. arguments, "--json"]);
        Assert.Empty(run.Errors);
        Assert.Equal(0, run.ExitCode);
        return JsonElement.Parse(run.Output);
    }

    /// <summary>Runs a command of this server.</summary>
    internal static Task<CommandRun> RunAsync(AcmeServer acme, params IEnumerable<string> arguments)
    {
        var settings = Settings();
        settings["Data:Directory"] = acme.Server.DataDirectory;
        settings["Server:PublicUrl"] = acme.Server.PublicUrl.GetLeftPart(UriPartial.Authority);
        return CommandRun.OfAsync([.. arguments], settings);
    }

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => Acme.InitializeAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Acme.DisposeAsync();
}
