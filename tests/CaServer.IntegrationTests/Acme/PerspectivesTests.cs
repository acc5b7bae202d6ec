using System.Security.Cryptography;
using System.Text.Json;
using CaServer.IntegrationTests.Host;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Acme;

/// <summary>Three perspectives with three DNS servers, which need not say the same.</summary>
public sealed class PerspectivesTests : IAsyncLifetime
{
    private readonly List<DnsTestServer> _dns = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _dns.AddRange(await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => DnsTestServer.StartAsync(Cancellation))));

    public async ValueTask DisposeAsync()
    {
        foreach (var dns in _dns)
            await dns.DisposeAsync();
    }

    [Theory]
    [InlineData(new[] { true, true, true })]
    [InlineData(new[] { true, true, false })]
    [InlineData(new[] { false, true, true })]
    public async Task Two_of_three_are_enough_unless_more_are_wanted(bool[] sees)
    {
        await using var server = await StartAsync([]);
        var (account, order, authorization) = await ProveAsync(server, sees);
        Assert.True(authorization["status"] == "valid", authorization.ToString());
        var shown = await ShownAsync(server, authorization);
        Assert.Equal(["a", "b", "local"], shown.Select(c => c.GetProperty("perspective").GetString()).Order());
        Assert.Equal(sees.Count(s => s), shown.Count(c => c.GetProperty("passed").GetBoolean()));

        // The signing core wants the same quorum, from the statements alone.
        var finalized = await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For("split.test")}}"}""");
        var done = await account.PollAsync(order.Location!, TimeSpan.FromSeconds(30), Cancellation);
        Assert.True(done["status"] == "valid", finalized + "\n" + done);
    }

    [Fact]
    public async Task One_of_three_is_not_enough_and_the_problem_says_who_saw_what()
    {
        await using var server = await StartAsync([]);
        var (_, _, authorization) = await ProveAsync(server, [true, false, false]);
        Assert.Equal("invalid", authorization["status"]);
        var detail = ErrorOf(authorization).GetProperty("detail").GetString();
        Assert.StartsWith("1 of 3 perspectives found the name proved and 2 must. The perspective a says: ", detail, StringComparison.Ordinal);
        Assert.Contains("_acme-challenge.split.test", detail, StringComparison.Ordinal);
        Assert.Equal(3, (await ShownAsync(server, authorization)).Count);
    }

    [Fact]
    public async Task Where_all_three_must_agree_one_that_does_not_is_the_end()
    {
        await using var server = await StartAsync(new() { ["Validation:Quorum"] = "3" });
        var (_, _, authorization) = await ProveAsync(server, [true, true, false]);
        Assert.Equal("invalid", authorization["status"]);
        Assert.StartsWith("2 of 3 perspectives found the name proved and 3 must. The perspective b says: ", ErrorOf(authorization).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vote_of_one_attempt_is_none_at_the_next()
    {
        await using var server = await StartAsync([], attempts: 2);
        var account = await (await AcmeSession.OpenAsync(server.Client, server.Directory, Cancellation)).CreateAccountAsync();
        var order = await account.OrderAsync("split.test");
        var url = order.Json.GetProperty("authorizations")[0].GetString()!;
        var (challenge, value) = await ChallengeAsync(account, url);
        await _dns[0].AddTextAsync("_acme-challenge.split.test", value);
        await account.PostAsync(challenge, "{}");
        // The first attempt is over when the challenge shows its error and goes on.
        using (var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50)))
        {
            while (!(await account.GetAsync(challenge)).Json.TryGetProperty("error", out _))
                await timer.WaitForNextTickAsync(Cancellation);
        }
        await _dns[0].ClearTextAsync("_acme-challenge.split.test");
        await _dns[1].AddTextAsync("_acme-challenge.split.test", value);
        var authorization = await account.PollAsync(url, TimeSpan.FromSeconds(30), Cancellation);
        Assert.Equal("invalid", authorization["status"]);
        Assert.Equal(
            [(1, "local"), (2, "a")],
            (await ShownAsync(server, authorization)).Where(c => c.GetProperty("passed").GetBoolean()).Select(c => (c.GetProperty("attempt").GetInt32(), c.GetProperty("perspective").GetString()!)));
    }

    [Fact]
    public async Task A_perspective_whose_resolver_is_silent_counts_as_one_that_does_not_agree()
    {
        await using var server = await StartAsync(new() { ["Validation:Timeout"] = "2s" });
        await _dns[2].DisposeAsync();
        _dns.RemoveAt(2);
        var (_, _, authorization) = await ProveAsync(server, [true, true]);
        Assert.True(authorization["status"] == "valid", authorization.ToString());
    }

    [Fact]
    public async Task A_proof_by_hand_wants_the_same_quorum_and_a_first_perspective_that_does_not_agree_does_not_hide_it()
    {
        await using var server = await StartAsync([]);
        var account = await (await AcmeSession.OpenAsync(server.Client, server.Directory, Cancellation)).CreateAccountAsync();
        var settings = Settings([]);
        (settings["Data:Directory"], settings["Server:PublicUrl"]) = (server.DataDirectory, server.PublicUrl.GetLeftPart(UriPartial.Authority));
        async Task<(int ExitCode, JsonElement Json)> RunAsync(params string[] arguments)
        {
            var run = await CommandRun.OfAsync([.. arguments, "--json"], settings);
            return (run.ExitCode, JsonElement.Parse(run.Output));
        }

        var made = (await RunAsync("control", "request", "hand.test", "--account", account.Url, "--method", "txt")).Json;
        var id = $"{made.GetProperty("id").GetInt64()}";
        foreach (var (dns, agrees) in _dns.Zip([false, true, false]))
            await dns.AddTextAsync("_ca-control.hand.test", agrees ? made.GetProperty("publish").GetProperty("value").GetString()! : "other");
        var one = await RunAsync("control", "check", id);
        Assert.Equal((1, false), (one.ExitCode, one.Json.GetProperty("proved").GetBoolean()));

        await _dns[2].AddTextAsync("_ca-control.hand.test", made.GetProperty("publish").GetProperty("value").GetString()!);
        var two = await RunAsync("control", "check", id);
        Assert.Equal((0, true), (two.ExitCode, two.Json.GetProperty("proved").GetBoolean()));
        var order = await account.OrderAsync("hand.test");
        Assert.True(order["status"] == "ready", order.ToString());
        await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For("hand.test")}}"}""");
        var done = await account.PollAsync(order.Location!, TimeSpan.FromSeconds(30), Cancellation);
        Assert.True(done["status"] == "valid", done.ToString());
    }

    private Task<CaServerProcess> StartAsync(Dictionary<string, string> settings, int attempts = 1) => CaServerProcess.StartAsync(Settings(settings, attempts), Cancellation);

    private Dictionary<string, string> Settings(Dictionary<string, string> settings, int attempts = 1) => new(settings)
    {
        ["Validation:Resolvers:0"] = $"{_dns[0].Endpoint}",
        ["Validation:Perspectives:a:Resolvers:0"] = $"{_dns[1].Endpoint}",
        ["Validation:Perspectives:b:Resolvers:0"] = $"{_dns[2].Endpoint}",
        ["Validation:Attempts"] = $"{attempts}",
    };

    // Each DNS server that sees has the record; the others have one for somebody else.
    private async Task<(TestAccount Account, AcmeAnswer Order, AcmeAnswer Authorization)> ProveAsync(CaServerProcess server, bool[] sees)
    {
        var account = await (await AcmeSession.OpenAsync(server.Client, server.Directory, Cancellation)).CreateAccountAsync();
        var order = await account.OrderAsync("split.test");
        var url = order.Json.GetProperty("authorizations")[0].GetString()!;
        var (challenge, value) = await ChallengeAsync(account, url);
        foreach (var (dns, sight) in _dns.Zip(sees))
            await dns.AddTextAsync("_acme-challenge.split.test", sight ? value : new string('x', value.Length));
        await account.PostAsync(challenge, "{}");
        return (account, order, await account.PollAsync(url, TimeSpan.FromSeconds(30), Cancellation));
    }

    private static async Task<(string Url, string Value)> ChallengeAsync(TestAccount account, string authorization)
    {
        var challenge = (await account.GetAsync(authorization)).Json.GetProperty("challenges").EnumerateArray().Single(c => c.GetProperty("type").GetString() == "dns-01");
        var value = SHA256.HashData(System.Text.Encoding.ASCII.GetBytes($"{challenge.GetProperty("token").GetString()}.{account.Key.Thumbprint}"));
        return (challenge.GetProperty("url").GetString()!, System.Buffers.Text.Base64Url.EncodeToString(value));
    }

    private static JsonElement ErrorOf(AcmeAnswer authorization) => Assert.Single(authorization.Json.GetProperty("challenges").EnumerateArray()).GetProperty("error");

    private static async Task<List<JsonElement>> ShownAsync(CaServerProcess server, AcmeAnswer authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, authorization.Link("help"));
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        using var response = await server.Client.SendAsync(request, Cancellation);
        var json = (await AcmeAnswer.ReadAsync(response, Cancellation)).Json;
        return [.. json.GetProperty("challenges").EnumerateArray().SelectMany(c => c.GetProperty("checks").EnumerateArray())];
    }
}
