using System.Text.Json;
using CaServer.Domain;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Acme;

/// <summary>RFC 9444, with a server that asks a real DNS server and may certify some domains only.</summary>
public sealed class SubdomainTests(ServerWithDns shared) : IClassFixture<ServerWithDns>, IAsyncLifetime
{
    private TestAccount? _account;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DnsTestServer Dns => shared.Dns;

    private TestAccount Account => _account!;

    public async ValueTask InitializeAsync() => _account = await shared.NewAccountAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_domain_proved_ahead_makes_orders_for_names_below_it_ready()
    {
        Assert.True(Account.Session.Directory.GetProperty("meta").GetProperty("subdomainAuthAllowed").GetBoolean());
        var authorization = await Account.PostAsync(
            Account.Session.Url("newAuthz"), """{"identifier":{"type":"dns","value":"whole.test","subdomainAuthAllowed":true}}""");
        Assert.Equal((201, "pending", true), (authorization.Status, authorization["status"], IsWhole(authorization)));
        await ProveAsync(authorization.Location!, "whole.test");

        Assert.True(IsWhole(await Account.GetAsync(authorization.Location!)));
        var order = await Account.OrderAsync("whole.test", "a.whole.test", "x.y.whole.test", "*.whole.test");
        Assert.Equal("ready", order["status"]);
        Assert.Equal([authorization.Location], Authorizations(order));
        await IssueAsync(order, "whole.test", "a.whole.test", "x.y.whole.test", "*.whole.test");
        Assert.Equal("pending", (await Account.OrderAsync("notwhole.test"))["status"]);
    }

    [Fact]
    public async Task A_domain_proved_for_itself_alone_proves_no_name_below()
    {
        var authorization = await Account.PostAsync(Account.Session.Url("newAuthz"), """{"identifier":{"type":"dns","value":"alone.test"}}""");
        Assert.False(IsWhole(authorization));
        await ProveAsync(authorization.Location!, "alone.test");
        Assert.Equal("pending", (await Account.OrderAsync("a.alone.test"))["status"]);
    }

    [Fact]
    public async Task An_order_may_name_the_domain_above_that_is_to_be_proved_in_place_of_its_names()
    {
        var order = await OrderAsync(
            """{"type":"dns","value":"a.above.test","ancestorDomain":"Above.test"}""",
            """{"type":"dns","value":"b.c.above.test","ancestorDomain":"above.test"}""",
            """{"type":"dns","value":"above.test"}""");
        var url = Assert.Single(Authorizations(order));
        var authorization = await Account.GetAsync(url!);
        Assert.Equal(("above.test", true), (authorization.Json.GetProperty("identifier").GetProperty("value").GetString(), IsWhole(authorization)));
        Assert.Equal(["dns-01"], authorization.Json.GetProperty("challenges").EnumerateArray().Select(c => c.GetProperty("type").GetString()));

        await ProveAsync(url!, "above.test");
        await IssueAsync(order, "a.above.test", "b.c.above.test", "above.test");
        Assert.Equal("ready", (await Account.OrderAsync("later.above.test"))["status"]);
    }

    [Fact]
    public async Task Where_the_policy_does_not_allow_the_domain_the_name_itself_is_to_be_proved()
    {
        await using var narrow = await shared.StartAnotherAsync(new() { ["Policy:AllowedDomains:0"] = "team.corp.test" });
        await using var off = await shared.StartAnotherAsync(new() { ["Acme:SubdomainAuthorizations"] = "false" });
        foreach (var server in (CaServerProcess[])[narrow, off])
        {
            _account = await ServerWithDns.NewAccountAsync(server);
            var order = await OrderAsync("""{"type":"dns","value":"a.team.corp.test","ancestorDomain":"corp.test"}""");
            var authorization = await Account.GetAsync(Assert.Single(Authorizations(order))!);
            Assert.Equal(("a.team.corp.test", false), (authorization.Json.GetProperty("identifier").GetProperty("value").GetString(), IsWhole(authorization)));
        }
        Assert.False(Account.Session.Directory.GetProperty("meta").TryGetProperty("subdomainAuthAllowed", out _));
        var asked = await Account.PostAsync(Account.Session.Url("newAuthz"), """{"identifier":{"type":"dns","value":"off.test"},"subdomainAuthAllowed":true}""");
        Assert.Equal((201, false), (asked.Status, IsWhole(asked)));

        _account = await ServerWithDns.NewAccountAsync(narrow);
        var refused = await Account.PostAsync(Account.Session.Url("newAuthz"), """{"identifier":{"type":"dns","value":"corp.test"},"subdomainAuthAllowed":true}""");
        Assert.Equal((403, "rejectedIdentifier"), (refused.Status, refused.ProblemType));
    }

    [Theory]
    [InlineData("""{"type":"dns","value":"a.odd.test","ancestorDomain":"even.test"}""", "does not lie below")]
    [InlineData("""{"type":"dns","value":"odd.test","ancestorDomain":"odd.test"}""", "does not lie below")]
    [InlineData("""{"type":"dns","value":"odd.test","ancestorDomain":"dd.test"}""", "does not lie below")]
    [InlineData("""{"type":"dns","value":"a.odd.test","ancestorDomain":"*.odd.test"}""", "does not lie below")]
    [InlineData("""{"type":"dns","value":"a.odd.test","ancestorDomain":"odd_.test"}""", "cannot have")]
    [InlineData("""{"type":"ip","value":"127.0.0.1","ancestorDomain":"odd.test"}""", "does not lie below")]
    [InlineData("""{"type":"dns","value":"a.odd.test","ancestorDomain":7}""", "ancestorDomain")]
    public async Task An_ancestor_that_is_none_is_refused(string identifier, string sentence)
    {
        var answer = await Account.PostAsync(Account.Session.Url("newOrder"), $$"""{"identifiers":[{{identifier}}]}""");
        Assert.Equal((400, "malformed"), (answer.Status, answer.ProblemType));
        Assert.Contains(sentence, answer["detail"], StringComparison.Ordinal);
    }

    private async Task<AcmeAnswer> OrderAsync(params string[] identifiers)
    {
        var order = await Account.PostAsync(Account.Session.Url("newOrder"), $$"""{"identifiers":[{{string.Join(',', identifiers)}}]}""");
        Assert.True(order.Status == 201, order.ToString());
        return order;
    }

    private async Task ProveAsync(string url, string name)
    {
        var challenge = (await Account.GetAsync(url)).Json.GetProperty("challenges").EnumerateArray().Single(c => c.GetProperty("type").GetString() == "dns-01");
        await Dns.AddTextAsync($"_acme-challenge.{name}", Dns01.RecordValue($"{challenge.GetProperty("token").GetString()}.{Account.Key.Thumbprint}"));
        Assert.Equal(200, (await Account.PostAsync(challenge.GetProperty("url").GetString()!, "{}")).Status);
        var done = await Account.PollAsync(url, TimeSpan.FromSeconds(15), Cancellation);
        Assert.True(done["status"] == "valid", done.ToString());
    }

    private async Task IssueAsync(AcmeAnswer order, params string[] names)
    {
        Assert.Equal(200, (await Account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For(names)}}"}""")).Status);
        var done = await Account.PollAsync(order.Location!, TimeSpan.FromSeconds(15), Cancellation);
        Assert.True(done["status"] == "valid", done.ToString());
    }

    private static bool IsWhole(AcmeAnswer authorization) =>
        authorization.Json.TryGetProperty("subdomainAuthAllowed", out var flag) && flag.ValueKind == JsonValueKind.True;

    private static IEnumerable<string?> Authorizations(AcmeAnswer order) => order.Json.GetProperty("authorizations").EnumerateArray().Select(a => a.GetString());
}
