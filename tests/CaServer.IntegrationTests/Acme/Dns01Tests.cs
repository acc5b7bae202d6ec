using System.Security.Cryptography.X509Certificates;
using CaServer.Domain;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Acme;

/// <summary>RFC 8555 §8.4, with a server that asks a real DNS server.</summary>
public sealed class Dns01Tests(ServerWithDns shared) : IClassFixture<ServerWithDns>, IAsyncLifetime
{
    private TestAccount? _account;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DnsTestServer Dns => shared.Dns;

    private TestAccount Account => _account!;

    public async ValueTask InitializeAsync() => _account = await shared.NewAccountAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_name_and_its_wildcard_are_proved_by_two_values_at_one_record()
    {
        var order = await Account.OrderAsync("example.test", "*.example.test");
        Assert.Equal((201, "pending"), (order.Status, order["status"]));
        Assert.Equal(["example.test", "*.example.test"], order.Json.GetProperty("identifiers").EnumerateArray().Select(i => i.GetProperty("value").GetString()));
        var authorizations = order.Json.GetProperty("authorizations").EnumerateArray().Select(a => a.GetString()!).ToList();

        Assert.Equal(["http-01", "dns-01", "tls-alpn-01"], await OfferedAsync(authorizations[0]));
        Assert.Equal(["dns-01"], await OfferedAsync(authorizations[1]));
        var wildcard = (await Account.GetAsync(authorizations[1])).Json;
        Assert.Equal("example.test", wildcard.GetProperty("identifier").GetProperty("value").GetString());
        Assert.True(wildcard.GetProperty("wildcard").GetBoolean());

        foreach (var url in authorizations)
        {
            var token = (await ChallengeAsync(url)).Token;
            await Dns.AddTextAsync("_acme-challenge.example.test", Dns01.RecordValue($"{token}.{Account.Key.Thumbprint}"));
        }
        foreach (var url in authorizations)
        {
            var done = await AnswerAsync(url);
            Assert.True(done["status"] == "valid", done.ToString());
            // RFC 8555 §7.1.4: the challenge that was met, no other.
            var met = Assert.Single(done.Json.GetProperty("challenges").EnumerateArray());
            Assert.Equal(("dns-01", "valid"), (met.GetProperty("type").GetString(), met.GetProperty("status").GetString()));
        }

        var finalized = await Account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For("*.example.test", "example.test")}}"}""");
        Assert.Equal(200, finalized.Status);
        var valid = await Account.PollAsync(order.Location!, TimeSpan.FromSeconds(30), Cancellation);
        Assert.True(valid["status"] == "valid", valid.ToString());
        using var leaf = X509Certificate2.CreateFromPem((await Account.GetAsync(valid["certificate"]!)).Text);
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames();
        Assert.Equal(["*.example.test", "example.test"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_wrong_record_makes_the_order_invalid_and_says_what_to_publish_where()
    {
        var order = await Account.OrderAsync("*.wrong.test");
        var url = order.Json.GetProperty("authorizations")[0].GetString()!;
        await Dns.AddTextAsync("_acme-challenge.wrong.test", "left over");
        var token = (await ChallengeAsync(url)).Token;

        var done = await AnswerAsync(url);

        Assert.Equal("invalid", done["status"]);
        var error = Assert.Single(done.Json.GetProperty("challenges").EnumerateArray()).GetProperty("error");
        Assert.EndsWith(":unauthorized", error.GetProperty("type").GetString(), StringComparison.Ordinal);
        foreach (var word in (string[])["left over", "_acme-challenge.wrong.test", Dns01.RecordValue($"{token}.{Account.Key.Thumbprint}")])
            Assert.Contains(word, error.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("invalid", (await Account.GetAsync(order.Location!))["status"]);
    }

    [Fact]
    public async Task A_record_that_comes_late_is_found_by_a_later_attempt_even_after_a_crash()
    {
        await using var crashing = await ServerWithDns.StartAsync();
        _account = await crashing.NewAccountAsync();
        var order = await Account.OrderAsync("late.test");
        var url = order.Json.GetProperty("authorizations")[0].GetString()!;
        var (challenge, token) = await ChallengeAsync(url);

        var first = await Account.PostAsync(challenge, "{}");
        while (!first.Json.TryGetProperty("error", out _))
            first = await Account.GetAsync(challenge);
        Assert.Equal("processing", first["status"]);
        await crashing.Server.KillAsync();
        await crashing.Dns.AddTextAsync("_acme-challenge.late.test", Dns01.RecordValue($"{token}.{Account.Key.Thumbprint}"));
        await crashing.Server.StartAgainAsync(Cancellation);

        // The nonces of the process before are gone with it.
        var again = Account with { Session = await AcmeSession.OpenAsync(crashing.Server.Client, crashing.Server.Directory, Cancellation) };
        var done = await again.PollAsync(url, TimeSpan.FromSeconds(30), Cancellation);
        Assert.True(done["status"] == "valid", done.ToString());
    }

    [Fact]
    public async Task An_authorization_that_is_given_up_is_not_checked_again()
    {
        var order = await Account.OrderAsync("given-up.test");
        var url = order.Json.GetProperty("authorizations")[0].GetString()!;
        var (challenge, _) = await ChallengeAsync(url);
        var first = await Account.PostAsync(challenge, "{}");
        while (!first.Json.TryGetProperty("error", out _))
            first = await Account.GetAsync(challenge);

        var given = await Account.PostAsync(url, """{"status":"deactivated"}""");

        Assert.Equal("deactivated", given["status"]);
        var ended = await Account.GetAsync(challenge);
        Assert.Equal("invalid", ended["status"]);
        Assert.Contains("deactivated", ended.Json.GetProperty("error").GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wildcard_proved_lately_is_ready_again_and_proves_no_other_name()
    {
        var order = await Account.OrderAsync("*.again.test");
        var url = order.Json.GetProperty("authorizations")[0].GetString()!;
        await Dns.AddTextAsync("_acme-challenge.again.test", Dns01.RecordValue($"{(await ChallengeAsync(url)).Token}.{Account.Key.Thumbprint}"));
        Assert.Equal("valid", (await AnswerAsync(url))["status"]);

        Assert.Equal("ready", (await Account.OrderAsync("*.again.test"))["status"]);
        Assert.Equal("pending", (await Account.OrderAsync("again.test"))["status"]);
        Assert.Equal("pending", (await Account.OrderAsync("a.again.test"))["status"]);
    }

    [Fact]
    public async Task An_address_is_offered_no_method_of_the_DNS()
    {
        var order = await Account.PostAsync(Account.Session.Url("newOrder"), """{"identifiers":[{"type":"ip","value":"127.0.0.1"}]}""");
        Assert.Equal(["http-01", "tls-alpn-01"], await OfferedAsync(order.Json.GetProperty("authorizations")[0].GetString()!));
    }

    private async Task<IEnumerable<string?>> OfferedAsync(string authorization) =>
        (await Account.GetAsync(authorization)).Json.GetProperty("challenges").EnumerateArray().Select(c => c.GetProperty("type").GetString());

    private async Task<(string Url, string Token)> ChallengeAsync(string authorization)
    {
        var challenges = (await Account.GetAsync(authorization)).Json.GetProperty("challenges").EnumerateArray();
        var challenge = challenges.Single(c => c.GetProperty("type").GetString() == "dns-01");
        return (challenge.GetProperty("url").GetString()!, challenge.GetProperty("token").GetString()!);
    }

    private async Task<AcmeAnswer> AnswerAsync(string authorization)
    {
        var answered = await Account.PostAsync((await ChallengeAsync(authorization)).Url, "{}");
        Assert.Equal(200, answered.Status);
        return await Account.PollAsync(authorization, TimeSpan.FromSeconds(30), Cancellation);
    }
}
