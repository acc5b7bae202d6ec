using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;
using CaServer.IntegrationTests.Acme;
using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Limits;

/// <summary>What clients meet (docs/limits.md).</summary>
public sealed class LimitTests(LimitedServer limited)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_too_many_is_refused_with_the_limit_the_time_and_a_link_also_after_the_server_was_killed()
    {
        await using var acme = new AcmeServer(LimitedServer.Settings());
        await acme.InitializeAsync();
        var account = await (await LimitedServer.OpenAsync(acme, "198.51.100.1")).CreateAccountAsync();
        // Many at the same moment: exactly the limit gets through.
        var sessions = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => LimitedServer.OpenAsync(acme, "198.51.100.1")));
        var answers = await Task.WhenAll(sessions.Select((s, i) => (account with { Session = s }).OrderAsync("parallel.localhost")));
        // The fifth pending authorization is the last. An order whose time is a moment before that of the first finds one order less.
        Assert.Equal(5, answers.Count(a => a.Status == 201));
        Assert.All(answers.Where(a => a.Status != 201), a => Assert.Matches(@"\((pendingAuthorizations|ordersPerAccount)\)", a.ToString()));
        Assert.Contains(answers, a => a.ToString().Contains("(pendingAuthorizations)", StringComparison.Ordinal));
        await acme.ProveAsync(account, answers.First(a => a.Status == 201));
        answers = await Task.WhenAll(sessions.Select((s, i) => (account with { Session = s }).OrderAsync("parallel.localhost")));
        Assert.Equal(1, answers.Count(a => a.Status == 201));

        await acme.Server.KillAsync();
        await acme.Server.StartAgainAsync(Cancellation);
        account = account with { Session = await LimitedServer.OpenAsync(acme, "198.51.100.1") };
        var refused = await account.OrderAsync("other.localhost");
        Assert.Equal((429, "rateLimited"), (refused.Status, refused.ProblemType));
        Assert.Matches(@"^Account \d+ has used up its limit of 6 new orders in 1 hour \(ordersPerAccount\); try again after 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\.$", refused["detail"]);
        Assert.InRange(int.Parse(refused.Header("Retry-After")!), 300, 600);
        Assert.Equal(acme.Server.PublicUrl + "limits", refused.Link("help"));
        Assert.Contains("ordersPerAccount: 6 in 1 hour", await acme.Server.Client.GetStringAsync("/limits", Cancellation), StringComparison.Ordinal);

        // Beside the server: an exception is noticed within seconds; taken away, the limit is as before; reset, all is forgotten.
        var number = refused["detail"]!.Split(' ')[1];
        var made = await LimitedServer.CommandAsync(acme, "limits", "set", "ordersPerAccount", account.Url, "--count", "50", "--note", "test");
        Assert.Equal((number, 50, "1h"), (made.GetProperty("subject").GetString(), made.GetProperty("count").GetInt32(), made.GetProperty("period").GetString()));
        await UntilAsync(() => account.OrderAsync("parallel.localhost"), 201);
        await LimitedServer.RunAsync(acme, "limits", "clear", "ordersPerAccount", number);
        await UntilAsync(() => account.OrderAsync("parallel.localhost"), 429);
        var used = Assert.Single((await LimitedServer.CommandAsync(acme, "limits", "show", number)).EnumerateArray());
        Assert.Equal(("ordersPerAccount", number), (used.GetProperty("limit").GetString(), used.GetProperty("key").GetString()));
        Assert.InRange(used.GetProperty("used").GetInt32(), 6, 50);
        Assert.Equal(0, (await LimitedServer.RunAsync(acme, "limits", "reset", "ordersPerAccount", number)).ExitCode);
        Assert.Equal(201, (await account.OrderAsync("parallel.localhost")).Status);
    }

    [Fact]
    public async Task Accounts_count_by_the_address_that_the_proxy_tells()
    {
        var session = await limited.OpenAsync();
        await session.CreateAccountAsync();
        var key = TestAccountKey.Create();
        await session.CreateAccountAsync(key);
        var refused = await session.PostWithKeyAsync(TestAccountKey.Create(), session.Url("newAccount"), """{"termsOfServiceAgreed":true}""");
        Assert.Equal((429, "rateLimited"), (refused.Status, refused.ProblemType));
        Assert.Contains("The address 198.51.100.", refused["detail"], StringComparison.Ordinal);
        Assert.Contains("2 new accounts in 1 hour (accountsPerAddress)", refused["detail"], StringComparison.Ordinal);
        // Whoever has an account finds it, and another address has a limit of its own.
        Assert.Equal(200, (await session.PostWithKeyAsync(key, session.Url("newAccount"), """{"onlyReturnExisting":true}""")).Status);
        await limited.NewAccountAsync();
    }

    [Fact]
    public async Task Certificates_count_when_they_are_finalized_and_renewals_not_at_all()
    {
        var account = await limited.NewAccountAsync();
        const string name = "host.names.localhost";
        var spare = await account.OrderAsync(name);
        await limited.Acme.ProveAsync(account, spare);
        using var first = await IssueAsync(account, await account.OrderAsync(name), name);
        using var second = await IssueAsync(account, await account.OrderAsync(name), name);

        var refused = await account.OrderAsync(name);
        Assert.Equal((429, "rateLimited"), (refused.Status, refused.ProblemType));
        Assert.Contains("limit of 2 certificates in 7 days (certificatesPerNames)", refused["detail"], StringComparison.Ordinal);
        // One that was placed while there was room is refused now, and stays ready.
        var late = await account.PostAsync(spare["finalize"]!, $$"""{"csr":"{{TestCsr.For(name)}}"}""");
        Assert.Equal((429, "rateLimited"), (late.Status, late.ProblemType));
        Assert.NotNull(late.Header("Retry-After"));
        Assert.Equal("ready", (await account.GetAsync(spare.Location!))["status"]);

        var renewal = await account.PostAsync(
            account.Session.Url("newOrder"), $$"""{"identifiers":[{"type":"dns","value":"{{name}}"}],"replaces":"{{Identifier(first)}}"}""");
        Assert.Equal(201, renewal.Status);
        using var renewed = await IssueAsync(account, renewal, name);
    }

    [Fact]
    public async Task Of_many_certificates_at_once_as_many_are_signed_as_the_limit_says()
    {
        var account = await limited.NewAccountAsync();
        const string name = "at.once.localhost";
        var orders = new List<AcmeAnswer>();
        for (var i = 0; i < 6; i++)
        {
            orders.Add(await account.OrderAsync(name));
            await limited.Acme.ProveAsync(account, orders[i]);
        }
        var answers = await Task.WhenAll(orders.Select(async order =>
        {
            var own = account with { Session = await limited.OpenAsync() };
            return await own.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For(name)}}"}""");
        }));
        Assert.Equal((2, 4), (answers.Count(a => a.Status == 200), answers.Count(a => a.ProblemType == "rateLimited")));
        var states = await Task.WhenAll(orders.Select(async o => await (account with { Session = await limited.OpenAsync() }).PollAsync(o.Location!, s_patience, Cancellation)));
        Assert.Equal((2, 4), (states.Count(s => s["status"] == "valid"), states.Count(s => s["status"] == "ready")));
    }

    [Fact]
    public async Task Names_below_one_registered_domain_count_together_and_an_exception_counts_apart()
    {
        var account = await limited.NewAccountAsync();
        for (var i = 0; i < 4; i++)
        {
            using var certificate = await IssueAsync(account, await account.OrderAsync($"host{i}.domain.localhost"), $"host{i}.domain.localhost");
        }
        var refused = await account.OrderAsync("one.more.domain.localhost");
        Assert.Equal((429, "rateLimited"), (refused.Status, refused.ProblemType));
        Assert.Contains("The domain domain.localhost has used up its limit of 4 certificates in 7 days (certificatesPerDomain)", refused["detail"], StringComparison.Ordinal);
        await LimitedServer.CommandAsync(limited.Acme, "limits", "set", "certificatesPerDomain", "more.domain.localhost", "--unlimited");
        await UntilAsync(() => account.OrderAsync("one.more.domain.localhost"), 201);
        Assert.Equal(429, (await account.OrderAsync("notmore.domain.localhost")).Status);
        var shown = await LimitedServer.CommandAsync(limited.Acme, "limits", "show", "domain.localhost");
        Assert.Equal(4, Assert.Single(shown.EnumerateArray()).GetProperty("used").GetInt32());
    }

    [Fact]
    public async Task A_name_that_failed_too_often_is_closed_to_the_account()
    {
        var account = await limited.NewAccountAsync();
        for (var i = 0; i < 2; i++)
        {
            var order = await account.OrderAsync("fails.localhost");
            var url = order.Json.GetProperty("authorizations")[0].GetString()!;
            var challenge = (await account.GetAsync(url)).Json.GetProperty("challenges").EnumerateArray().Single(c => c.GetProperty("type").GetString() == "http-01");
            await account.PostAsync(challenge.GetProperty("url").GetString()!, "{}");
            Assert.Equal("invalid", (await account.PollAsync(url, s_patience, Cancellation))["status"]);
        }
        var refused = await account.OrderAsync("good.localhost", "fails.localhost");
        Assert.Equal((429, "rateLimited"), (refused.Status, refused.ProblemType));
        Assert.Contains("with fails.localhost has used up its limit of 2 failed validations in 1 hour (failedValidations)", refused["detail"], StringComparison.Ordinal);
        Assert.Equal(201, (await account.OrderAsync("good.localhost")).Status);
        Assert.Equal(201, (await (await limited.NewAccountAsync()).OrderAsync("fails.localhost")).Status);
    }

    [Fact]
    public async Task Switched_off_nothing_is_limited()
    {
        var settings = LimitedServer.Settings();
        settings["Limits:Enabled"] = "false";
        await using var acme = new AcmeServer(settings);
        await acme.InitializeAsync();
        var session = await acme.OpenAsync();
        var account = await session.CreateAccountAsync();
        for (var i = 0; i < 5; i++)
            await session.CreateAccountAsync();
        for (var i = 0; i < 10; i++)
            Assert.Equal(201, (await account.OrderAsync("off.localhost")).Status);
        Assert.Contains("Nothing at present", await acme.Server.Client.GetStringAsync("/limits", Cancellation), StringComparison.Ordinal);
    }

    private async Task<X509Certificate2> IssueAsync(TestAccount account, AcmeAnswer order, string name)
    {
        Assert.True(order.Status == 201, order.ToString());
        await limited.Acme.ProveAsync(account, order);
        var finalized = await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For(name)}}"}""");
        Assert.True(finalized.Status == 200, finalized.ToString());
        var done = await account.PollAsync(order.Location!, s_patience, Cancellation);
        Assert.True(done["status"] == "valid", done.ToString());
        return X509Certificate2.CreateFromPem((await account.GetAsync(done["certificate"]!)).Text);
    }

    private static async Task UntilAsync(Func<Task<AcmeAnswer>> request, int status)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(10));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while ((await request()).Status != status)
            await timer.WaitForNextTickAsync(deadline.Token);
    }

    // RFC 9773 §4.1.
    private static string Identifier(X509Certificate2 certificate)
    {
        var authority = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single().KeyIdentifier!.Value.Span;
        return $"{Base64Url.EncodeToString(authority)}.{Base64Url.EncodeToString(certificate.SerialNumberBytes.Span)}";
    }
}
