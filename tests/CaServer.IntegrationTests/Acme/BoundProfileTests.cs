using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Acme;

/// <summary>Profiles that not every account may have, and profiles that go (draft-ietf-acme-profiles §4).</summary>
public sealed class BoundProfileTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_profile_for_bound_accounts_is_invalidProfile_for_the_others()
    {
        await using var acme = new AcmeServer(new()
        {
            ["Profiles:dv:ExternalAccountRequired"] = "true",
            ["Profiles:shortlived:ExternalAccountRequired"] = "true",
            ["Profiles:open:Validity"] = "30d",
        });
        await acme.InitializeAsync();
        var eab = new EabCommandLine(acme.Server.DataDirectory);
        var open = await acme.NewAccountAsync();
        var meta = open.Session.Directory.GetProperty("meta");
        Assert.False(meta.GetProperty("externalAccountRequired").GetBoolean());
        Assert.Contains("external account binding", meta.GetProperty("profiles").GetProperty("dv").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("external account binding", meta.GetProperty("profiles").GetProperty("open").GetString(), StringComparison.Ordinal);

        var refused = await OrderAsync(open, "dv");
        Assert.Equal((400, "invalidProfile"), (refused.Status, refused.ProblemType));
        Assert.Contains("make an account with them", refused["detail"], StringComparison.Ordinal);
        // The default is not open to it, so it gets one that is.
        Assert.Equal("open", (await open.OrderAsync("open.localhost"))["profile"]);

        var bound = await BoundAsync(acme, await eab.CreateAsync());
        Assert.Equal((201, "shortlived"), Seen(await OrderAsync(bound, "shortlived")));
        Assert.Equal("dv", (await bound.OrderAsync("bound.localhost"))["profile"]);
        var narrow = await BoundAsync(acme, await eab.CreateAsync("--profile", "shortlived"));
        Assert.Equal("shortlived", (await narrow.OrderAsync("narrow.localhost"))["profile"]);
        Assert.Equal("invalidProfile", (await OrderAsync(narrow, "open")).ProblemType);
    }

    [Fact]
    public async Task Where_every_profile_needs_a_binding_so_does_an_account()
    {
        await using var acme = new AcmeServer(new() { ["Profiles:dv:ExternalAccountRequired"] = "true", ["Profiles:shortlived:ExternalAccountRequired"] = "true" });
        await acme.InitializeAsync();
        var session = await acme.OpenAsync();
        Assert.True(session.Directory.GetProperty("meta").GetProperty("externalAccountRequired").GetBoolean());
        var answer = await session.PostWithKeyAsync(TestAccountKey.Create(), session.Url("newAccount"), """{"termsOfServiceAgreed":true}""");
        Assert.Equal((403, "externalAccountRequired"), (answer.Status, answer.ProblemType));
    }

    [Fact]
    public async Task An_order_whose_profile_is_not_open_to_the_account_any_more_is_invalidProfile_at_finalize()
    {
        await using var server = await CaServerProcess.StartAsync(new Dictionary<string, string> { ["Profiles:gold:Validity"] = "30d" }, Cancellation);
        var account = await (await AcmeSession.OpenAsync(server.Client, server.Directory, Cancellation)).CreateAccountAsync();
        var order = await OrderAsync(account, "gold");
        Assert.Equal((201, "gold"), Seen(order));
        await using (var responder = new Http01Responder(server.Http01Port))
        {
            var authorization = await account.GetAsync(order.Json.GetProperty("authorizations")[0].GetString()!);
            var challenge = authorization.Json.GetProperty("challenges").EnumerateArray().Single(c => c.GetProperty("type").GetString() == "http-01");
            var token = challenge.GetProperty("token").GetString()!;
            responder.Answer(token, token + "." + account.Key.Thumbprint);
            await account.PostAsync(challenge.GetProperty("url").GetString()!, "{}");
            Assert.Equal("ready", (await account.PollAsync(order.Location!, TimeSpan.FromSeconds(15), Cancellation))["status"]);
        }
        server.Set("Profiles:gold:ExternalAccountRequired", "true");
        await server.StopAsync(Cancellation);
        await server.StartAgainAsync(Cancellation);
        account = account with { Session = await AcmeSession.OpenAsync(server.Client, server.Directory, Cancellation) };

        var refused = await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For("profile.localhost")}}"}""");
        Assert.Equal((400, "invalidProfile"), (refused.Status, refused.ProblemType));
        Assert.Equal("ready", (await account.GetAsync(order.Location!))["status"]);
    }

    private static (int Status, string? Profile) Seen(AcmeAnswer order) => (order.Status, order["profile"]);

    private static Task<AcmeAnswer> OrderAsync(TestAccount account, string profile) => account.PostAsync(
        account.Session.Url("newOrder"), $$$"""{"identifiers":[{"type":"dns","value":"profile.localhost"}],"profile":"{{{profile}}}"}""");

    private static async Task<TestAccount> BoundAsync(AcmeServer acme, TestBinding binding)
    {
        var (session, key) = (await acme.OpenAsync(), TestAccountKey.Create());
        var url = session.Url("newAccount");
        var answer = await session.PostWithKeyAsync(key, url, $$"""{"termsOfServiceAgreed":true,"externalAccountBinding":{{binding.Jws(key, url)}}}""");
        Assert.True(answer.Status == 201, answer.ToString());
        return new TestAccount(session, key, answer.Location!);
    }
}
