using System.Buffers.Text;
using CaServer.IntegrationTests.Acme;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Clients;

/// <summary>Real clients at a server that requires an external account binding (RFC 8555 §7.3.4).</summary>
[Collection(RealClientsTests.Name)]
public sealed class ExternalAccountClientTests(BindingServer binding) : IClassFixture<BindingServer>
{
    private CaServerProcess Server => binding.Server;

    [Fact]
    public async Task The_directory_says_that_a_binding_is_required_and_newAccount_without_is_refused()
    {
        var session = await AcmeSession.OpenAsync(Server.Client, Server.Directory, TestContext.Current.CancellationToken);
        Assert.True(session.Directory.GetProperty("meta").GetProperty("externalAccountRequired").GetBoolean());
        var answer = await session.PostWithKeyAsync(TestAccountKey.Create(), session.Url("newAccount"), """{"termsOfServiceAgreed":true}""");
        Assert.Equal((403, "externalAccountRequired"), (answer.Status, answer.ProblemType));
    }

    [Fact]
    public async Task Certbot_obtains_a_certificate_with_a_key_and_none_without()
    {
        using (var unbound = new Certbot(Server))
        {
            var refused = await unbound.ObtainAsync(["bound.localhost"]);
            Assert.NotEqual(0, refused.ExitCode);
        }
        var key = await new EabCommandLine(Server.DataDirectory).CreateAsync("--domain", "bound.localhost");
        using var certbot = new Certbot(Server);
        (await certbot.ObtainAsync(["bound.localhost"], "--eab-kid", key.Kid, "--eab-hmac-key", Base64Url.EncodeToString(key.MacKey))).Succeeded(Server.Log);
        Assert.Equal(["bound.localhost"], certbot.Certificate("bound.localhost").Names());
    }

    [Fact]
    public async Task Lego_obtains_a_certificate_with_a_key_and_is_told_what_the_key_does_not_allow()
    {
        var key = await new EabCommandLine(Server.DataDirectory).CreateAsync("--domain", "lego.localhost");
        using var lego = new Lego(Server) { Binding = key };
        (await lego.ObtainAsync("ec256", "www.lego.localhost")).Succeeded(Server.Log);
        Assert.Equal(["www.lego.localhost"], lego.Certificate("www.lego.localhost").Names());

        var refused = await lego.ObtainAsync("ec256", "elsewhere.localhost");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("is not among the domains", refused.Output, StringComparison.Ordinal);
    }
}

/// <summary>A server that requires a binding.</summary>
public sealed class BindingServer : IAsyncLifetime
{
    private CaServerProcess? _server;

    public CaServerProcess Server => _server!;

    public async ValueTask InitializeAsync() =>
        _server = await CaServerProcess.StartAsync(
            new Dictionary<string, string> { ["Acme:ExternalAccountRequired"] = "true" }, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
