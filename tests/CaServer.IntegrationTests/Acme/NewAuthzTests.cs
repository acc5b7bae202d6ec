using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Acme;

/// <summary>RFC 8555 §7.4.1.</summary>
public sealed class NewAuthzTests(AcmeServer acme)
{
    [Fact]
    public async Task A_name_proved_ahead_makes_an_order_ready_at_once()
    {
        var account = await acme.NewAccountAsync();
        var authorization = await AskAsync(account, "Ahead.localhost");
        Assert.Equal((201, "pending", "ahead.localhost"), (authorization.Status, authorization["status"], authorization.Json.GetProperty("identifier").GetProperty("value").GetString()));
        Assert.False(authorization.Json.TryGetProperty("wildcard", out _));
        Assert.Equal(authorization.Text, (await account.GetAsync(authorization.Location!)).Text);

        await ProveAsync(account, authorization);
        var order = await account.OrderAsync("ahead.localhost");
        Assert.Equal("ready", order["status"]);
        Assert.Equal([authorization.Location], order.Json.GetProperty("authorizations").EnumerateArray().Select(a => a.GetString()));
        var finalized = await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For("ahead.localhost")}}"}""");
        Assert.Equal((200, "valid"), (finalized.Status, finalized["status"]));
    }

    [Fact]
    public async Task Asking_again_finds_the_one_that_is_pending_or_valid()
    {
        var account = await acme.NewAccountAsync();
        var first = await AskAsync(account, "again.localhost");
        Assert.Equal((201, first.Location), Seen(await AskAsync(account, "again.localhost")));
        await ProveAsync(account, first);
        var valid = await AskAsync(account, "again.localhost");
        Assert.Equal((201, first.Location), Seen(valid));
        Assert.Equal("valid", valid["status"]);

        var other = await acme.NewAccountAsync();
        Assert.NotEqual(first.Location, (await AskAsync(other, "again.localhost")).Location);
        Assert.Equal((403, "unauthorized"), ((await other.GetAsync(first.Location!)).Status, (await other.GetAsync(first.Location!)).ProblemType));
    }

    [Fact]
    public async Task One_that_was_given_up_is_not_used_any_more()
    {
        var account = await acme.NewAccountAsync();
        var first = await AskAsync(account, "given-up.localhost");
        await ProveAsync(account, first);
        Assert.Equal("deactivated", (await account.PostAsync(first.Location!, """{"status":"deactivated"}"""))["status"]);
        Assert.NotEqual(first.Location, (await AskAsync(account, "given-up.localhost")).Location);
        Assert.Equal("pending", (await account.OrderAsync("given-up.localhost"))["status"]);
    }

    [Fact]
    public async Task A_failed_check_makes_it_invalid_and_the_next_one_is_new()
    {
        var account = await acme.NewAccountAsync();
        var first = await AskAsync(account, "failed.localhost");
        Assert.Equal(200, (await account.PostAsync(Challenge(first).GetProperty("url").GetString()!, "{}")).Status);
        Assert.Equal("invalid", (await account.PollAsync(first.Location!, TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken))["status"]);
        var next = await AskAsync(account, "failed.localhost");
        Assert.NotEqual(first.Location, next.Location);
        Assert.Equal("pending", next["status"]);
    }

    [Theory]
    [InlineData("""{}""", 400, "malformed")]
    [InlineData("""{"identifier":"a.localhost"}""", 400, "malformed")]
    [InlineData("""{"identifier":{"type":"dns"}}""", 400, "malformed")]
    [InlineData("""{"identifier":{"type":"dns","value":"under_score.localhost"}}""", 400, "malformed")]
    [InlineData("""{"identifier":{"type":"dns","value":"*.wild.localhost"}}""", 400, "malformed")]
    [InlineData("""{"identifier":{"type":"dns","value":"a.localhost"},"subdomainAuthAllowed":"yes"}""", 400, "malformed")]
    [InlineData("""{"identifier":{"type":"email","value":"a@localhost"}}""", 403, "unsupportedIdentifier")]
    public async Task One_that_cannot_be_given_is_refused(string payload, int status, string type)
    {
        var account = await acme.NewAccountAsync();
        var answer = await account.PostAsync(account.Session.Url("newAuthz"), payload);
        Assert.Equal((status, type), (answer.Status, answer.ProblemType));
    }

    [Fact]
    public async Task An_address_can_be_proved_ahead_too()
    {
        var account = await acme.NewAccountAsync();
        var authorization = await account.PostAsync(account.Session.Url("newAuthz"), """{"identifier":{"type":"ip","value":"127.0.0.1"}}""");
        Assert.Equal(201, authorization.Status);
        await ProveAsync(account, authorization);
        Assert.Equal("ready", (await account.PostAsync(account.Session.Url("newOrder"), """{"identifiers":[{"type":"ip","value":"127.0.0.1"}]}"""))["status"]);
    }

    [Fact]
    public async Task Where_all_names_below_are_asked_for_only_methods_that_prove_them_are_offered()
    {
        var account = await acme.NewAccountAsync();
        var authorization = await account.PostAsync(
            account.Session.Url("newAuthz"), """{"identifier":{"type":"dns","value":"whole.localhost"},"subdomainAuthAllowed":true}""");
        Assert.True(authorization.Json.GetProperty("subdomainAuthAllowed").GetBoolean());
        Assert.Equal(["dns-01"], authorization.Json.GetProperty("challenges").EnumerateArray().Select(c => c.GetProperty("type").GetString()));
    }

    private static (int Status, string? Location) Seen(AcmeAnswer answer) => (answer.Status, answer.Location);

    private static Task<AcmeAnswer> AskAsync(TestAccount account, string name) =>
        account.PostAsync(account.Session.Url("newAuthz"), $$$"""{"identifier":{"type":"dns","value":"{{{name}}}"}}""");

    private static System.Text.Json.JsonElement Challenge(AcmeAnswer authorization) =>
        authorization.Json.GetProperty("challenges").EnumerateArray().Single(c => c.GetProperty("type").GetString() == "http-01");

    private async Task ProveAsync(TestAccount account, AcmeAnswer authorization)
    {
        var challenge = Challenge(authorization);
        var token = challenge.GetProperty("token").GetString()!;
        acme.Responder.Answer(token, token + "." + account.Key.Thumbprint);
        Assert.Equal(200, (await account.PostAsync(challenge.GetProperty("url").GetString()!, "{}")).Status);
        var done = await account.PollAsync(authorization.Location!, TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        Assert.True(done["status"] == "valid", done.ToString());
    }
}
