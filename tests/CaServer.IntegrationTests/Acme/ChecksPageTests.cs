using System.Net;
using System.Text.Json;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Http;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Acme;

/// <summary>What was done to check a name is shown to whoever has the link, and to nobody else.</summary>
public sealed class ChecksPageTests(ChecksPageTests.CheckingOnce shared) : IClassFixture<ChecksPageTests.CheckingOnce>, IAsyncLifetime
{
    private TestAccount? _account;
    private string? _order;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private CaServerProcess Server => shared.Server;

    private TestAccount Account => _account!;

    public async ValueTask InitializeAsync() => _account = await shared.NewAccountAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_failed_check_leads_to_a_page_that_says_what_was_seen_and_what_to_change()
    {
        await using var web = new Responder(x => x.AnswerAsync(404, "no such page"), port: Server.Http01Port);
        var (authorization, error) = await FailAsync("missing.test", "http-01");
        var page = error.GetProperty("instance").GetString()!;
        Assert.Equal(page, (await Account.GetAsync(_order!)).Json.GetProperty("error").GetProperty("instance").GetString());

        Assert.Equal(page, authorization.Link("help"));
        var html = await GetAsync(page, "text/html,application/xhtml+xml,*/*;q=0.8");
        Assert.Equal((200, "text/html; charset=utf-8"), (html.Status, html.ContentType));
        foreach (var part in new[] { "Checks of missing.test", "Not proved.", "<code>not-found</code>", "127.0.0.1", "status 404", "no such page", "/.well-known/acme-challenge/", Account.Key.Thumbprint, "DNSSEC was not checked" })
            Assert.Contains(part, html.Text, StringComparison.Ordinal);
        // Both sentences of the problem, one after the other.
        var detail = WebUtility.HtmlDecode(html.Text);
        Assert.All(error.GetProperty("detail").GetString()!.Split(". ", 2), sentence => Assert.Contains(sentence.Replace('\'', '"').TrimEnd('.'), detail.Replace('\'', '"'), StringComparison.Ordinal));

        var json = (await GetAsync(page, "application/json")).Json;
        var check = json.GetProperty("challenges")[0].GetProperty("checks")[0];
        Assert.Equal(("invalid", "local", "not-found", 1), (json.GetProperty("status").GetString(), check.GetProperty("perspective").GetString(), check.GetProperty("cause").GetString(), check.GetProperty("attempt").GetInt32()));
        Assert.Equal(["resolved", "connected", "answered"], check.GetProperty("trace").GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("step").GetString()));
    }

    [Fact]
    public async Task What_a_hostile_server_says_is_shown_and_never_obeyed()
    {
        await using var web = new Responder(
            x => x.AnswerAsync(200, "</code></article><script>alert(1)</script><img src=x onerror=alert(2)>\u202e" + new string('A', 100_000)), port: Server.Http01Port);
        var (_, error) = await FailAsync("hostile.test", "http-01");

        var html = await GetAsync(error.GetProperty("instance").GetString()!, "text/html");

        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", html.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html.Text, StringComparison.Ordinal);
        Assert.InRange(html.Text.Length, 1_000, 20_000);
        Assert.All(html.Text, c => Assert.True(c is '\n' or (>= ' ' and < '\x7f'), $"U+{(int)c:X4}"));
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", html.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", html.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal(("nosniff", "no-referrer", "no-store"), (html.Header("X-Content-Type-Options"), html.Header("Referrer-Policy"), html.Header("Cache-Control")));
    }

    [Fact]
    public async Task A_record_that_is_another_stands_beside_the_one_that_was_expected()
    {
        await shared.Dns.AddTextAsync("_acme-challenge.other.test", "something else");
        var (_, error) = await FailAsync("other.test", "dns-01");

        var html = WebUtility.HtmlDecode((await GetAsync(error.GetProperty("instance").GetString()!, "text/html")).Text);

        Assert.Contains("<dt>Looked at</dt><dd>TXT _acme-challenge.other.test</dd>", html, StringComparison.Ordinal);
        Assert.Matches("<dt>Expected</dt><dd><code>[A-Za-z0-9_-]{43}</code></dd>", html);
        Assert.Contains("<dt>Received</dt><dd><code>something else</code></dd>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_was_proved_has_its_page_too()
    {
        var (url, challenge) = await OrderAsync("proved.test", "http-01");
        await using var responder = new Http01Responder(Server.Http01Port);
        var token = challenge.GetProperty("token").GetString()!;
        responder.Answer(token, $"{token}.{Account.Key.Thumbprint}");
        await Account.PostAsync(challenge.GetProperty("url").GetString()!, "{}");
        var authorization = await Account.PollAsync(url, TimeSpan.FromSeconds(30), Cancellation);

        var html = await GetAsync(authorization.Link("help")!, "text/html");

        foreach (var part in new[] { "Proved.", "perspective local", "passed", "CAA for <b>proved.test</b>", "this CA may issue" })
            Assert.Contains(part, html.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_link_opens_the_page()
    {
        var (url, challenge) = await OrderAsync("closed.test", "http-01");
        var own = await GetAsync(url.Replace("/acme/authorization/", "/acme/checks/", StringComparison.Ordinal), "text/html");
        Assert.Equal((404, "text/html; charset=utf-8"), (own.Status, own.ContentType));
        Assert.Contains("No such checks", own.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("closed.test", own.Text, StringComparison.Ordinal);
        var ofChallenge = await GetAsync(
            challenge.GetProperty("url").GetString()!.Replace("/acme/challenge/", "/acme/checks/", StringComparison.Ordinal), "application/json");
        Assert.Equal((404, "malformed"), (ofChallenge.Status, ofChallenge.ProblemType));
    }

    private async Task<(AcmeAnswer Authorization, JsonElement Error)> FailAsync(string name, string method)
    {
        var (url, challenge) = await OrderAsync(name, method);
        Assert.Equal(200, (await Account.PostAsync(challenge.GetProperty("url").GetString()!, "{}")).Status);
        var done = await Account.PollAsync(url, TimeSpan.FromSeconds(30), Cancellation);
        Assert.True(done["status"] == "invalid", done.ToString());
        return (done, Assert.Single(done.Json.GetProperty("challenges").EnumerateArray()).GetProperty("error"));
    }

    private async Task<(string Authorization, JsonElement Challenge)> OrderAsync(string name, string method)
    {
        var order = await Account.OrderAsync(name);
        _order = order.Location;
        var url = order.Json.GetProperty("authorizations")[0].GetString()!;
        var authorization = await Account.GetAsync(url);
        Assert.Null(authorization.Link("help"));
        return (url, authorization.Json.GetProperty("challenges").EnumerateArray().Single(c => c.GetProperty("type").GetString() == method));
    }

    private async Task<AcmeAnswer> GetAsync(string url, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await Server.Client.SendAsync(request, Cancellation);
        return await AcmeAnswer.ReadAsync(response, Cancellation);
    }

    public sealed class CheckingOnce() : ServerWithDns(new() { ["Validation:Attempts"] = "1" });
}
