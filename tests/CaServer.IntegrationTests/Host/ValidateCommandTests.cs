using System.Text.Json;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Dns;
using CaServer.TestKit.Http;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Host;

public sealed class ValidateCommandTests
{
    private const string Token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA";
    private const string Thumbprint = "LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ";

    private static readonly string[] ProxyVariables = ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"];

    [Fact]
    public async Task It_prints_each_step_and_whether_the_name_is_proved()
    {
        var port = LoopbackPorts.Next();
        await using var responder = new Http01Responder(port);
        responder.Answer(Token, $"{Token}.{Thumbprint}");

        var good = await RunAsync(port, "shop.localhost", "--token", Token, "--thumbprint", Thumbprint);
        var bad = await RunAsync(port, "shop.localhost");

        Assert.Equal(0, good.ExitCode);
        Assert.Contains("resolved: name=shop.localhost", good.Output, StringComparison.Ordinal);
        Assert.EndsWith("shop.localhost is proved by http-01.\n", good.Output, StringComparison.Ordinal);
        Assert.Equal(1, bad.ExitCode);
        Assert.EndsWith("[not-found]\n", bad.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_writes_JSON()
    {
        var run = await RunAsync(LoopbackPorts.Next(), "shop.localhost", "--json");

        Assert.Equal(1, run.ExitCode);
        var result = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal("connection-refused", result.GetProperty("cause").GetString());
        Assert.Contains("Start the server", result.GetProperty("explanation").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(result.GetProperty("trace").GetProperty("steps").EnumerateArray());
    }

    [Fact]
    public async Task An_address_without_a_route_is_unreachable()
    {
        var unshare = ExternalProgram.Find("unshare");
        string[] withoutNetwork = ["--map-root-user", "--net"];
        Assert.SkipUnless(
            (await unshare.RunAsync([.. withoutNetwork, "true"], cancellation: TestContext.Current.CancellationToken)).ExitCode == 0, "This user may not make a network namespace.");

        var run = await unshare.RunAsync(
            [.. withoutNetwork, CommandRun.ProgramPath(), "validate", "192.0.2.1"],
            new Dictionary<string, string> { ["CASERVER_Validation__AllowedNetworks__0"] = "192.0.2.0/24" },
            TestContext.Current.CancellationToken);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("[unreachable]", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_of_the_environment_is_not_used()
    {
        var port = LoopbackPorts.Next();
        await using var responder = new Http01Responder(port);
        responder.Answer(Token, $"{Token}.{Thumbprint}");
        await using var proxy = new Responder(x => x.AnswerAsync(200, $"{Token}.{Thumbprint}"));
        var environment = ProxyVariables.ToDictionary(n => n, _ => $"http://127.0.0.1:{proxy.Port}");

        var run = await CommandRun.OfAsync(
            ["validate", "shop.localhost", "--token", Token, "--thumbprint", Thumbprint],
            new Dictionary<string, string> { ["Validation:Http01Port"] = $"{port}" },
            environment: environment);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(0, proxy.Connections);
    }

    [Fact]
    public async Task It_says_what_CAA_says_even_where_the_check_fails()
    {
        await using var dns = new ScriptedDnsServer();
        dns.With("caa.corp.example", DnsReply.Caa(("issue", "other.example")));

        var run = await CommandRun.OfAsync(
            ["validate", "caa.corp.example", "--method", "dns-01"],
            new Dictionary<string, string> { ["Validation:Resolvers:0"] = $"{dns.Endpoint}", ["Acme:CaaIdentities:0"] = "ca.corp.example" });

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("caa: name=caa.corp.example", run.Output, StringComparison.Ordinal);
        Assert.Contains("add a CAA record at caa.corp.example: 0 issue \"ca.corp.example\". [caa-other-issuer]\n", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("[name-unknown]\n", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("must be one of http-01", "a.example", "--method", "http-02")]
    [InlineData("ends with a dot", "a.example.")]
    public async Task A_wrong_argument_is_told_in_one_line(string words, params string[] arguments) =>
        (await RunAsync(LoopbackPorts.Next(), arguments)).IsRefusedInOneLine(words);

    private static Task<CommandRun> RunAsync(int port, params string[] arguments) =>
        CommandRun.OfAsync(["validate", .. arguments], new Dictionary<string, string> { ["Validation:Http01Port"] = $"{port}" });
}
