using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CaServer.Domain;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;
using CaServer.TestKit.Tls;

namespace CaServer.IntegrationTests.Acme;

/// <summary>tls-alpn-01, dns-account-01 and dns-persist-01, from the order to the certificate, with a server that offers them all.</summary>
public sealed class MethodTests(MethodTests.Offering shared) : IClassFixture<MethodTests.Offering>, IAsyncLifetime
{
    private const string Issuer = "localhost"; // the host of Server:PublicUrl

    private TestAccount? _account;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DnsTestServer Dns => shared.Dns;

    private CaServerProcess Server => shared.Server;

    private TestAccount Account => _account!;

    public async ValueTask InitializeAsync() => _account = await shared.NewAccountAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Each_kind_of_name_is_offered_what_may_prove_it()
    {
        Assert.Equal(["http-01", "dns-01", "tls-alpn-01", "dns-account-01", "dns-persist-01"], await OfferedAsync("dns", "kinds.test"));
        Assert.Equal(["dns-01", "dns-account-01", "dns-persist-01"], await OfferedAsync("dns", "*.kinds.test"));
        Assert.Equal(["http-01", "tls-alpn-01"], await OfferedAsync("ip", "127.0.0.1"));
    }

    [Theory]
    [InlineData("ip", "127.0.0.1")]
    [InlineData("dns", "alpn.localhost")]
    public async Task Tls_alpn_01_proves_a_name_and_an_address(string type, string value)
    {
        var (order, url) = await OrderAsync(type, value);
        var challenge = await ChallengeAsync(url, "tls-alpn-01");
        using var certificate = ChallengeCertificate.For(value, KeyAuthorization(challenge)).Create();
        await using var responder = new TlsResponder(certificate, port: Server.TlsAlpn01Port);

        await ProveAndIssueAsync(order, url, challenge, value);

        Assert.Equal([value == "127.0.0.1" ? "1.0.0.127.in-addr.arpa" : value], responder.ServerNames);
    }

    [Fact]
    public async Task A_web_server_that_does_not_know_tls_alpn_01_is_told_what_to_do()
    {
        var (_, url) = await OrderAsync("dns", "wrong.localhost");
        var challenge = await ChallengeAsync(url, "tls-alpn-01");
        using var certificate = ChallengeCertificate.For("wrong.localhost", KeyAuthorization(challenge)).Create();
        await using var responder = new TlsResponder(certificate, ["h2", "http/1.1"], port: Server.TlsAlpn01Port);

        await FailsAsync(url, challenge, ":tls", "no_application_protocol", "Set the server up to answer tls-alpn-01");
        Assert.Contains("caserver_challenge_checks_total{method=\"tls-alpn-01\",result=\"tls-alert\"} 1", await MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dns_account_01_proves_a_wildcard_by_the_accounts_own_record()
    {
        var (order, url) = await OrderAsync("dns", "*.account.test");
        var challenge = await ChallengeAsync(url, "dns-account-01");
        await Dns.AddTextAsync(DnsAccount01.RecordName(Identifier.Dns("account.test"), Account.Url), Dns01.RecordValue(KeyAuthorization(challenge)));

        await ProveAndIssueAsync(order, url, challenge, "*.account.test");
    }

    [Fact]
    public async Task Dns_account_01_does_not_look_at_the_record_of_another_account()
    {
        var (_, url) = await OrderAsync("dns", "another.test");
        var challenge = await ChallengeAsync(url, "dns-account-01");
        await Dns.AddTextAsync(DnsAccount01.RecordName(Identifier.Dns("another.test"), Account.Url + "x"), Dns01.RecordValue(KeyAuthorization(challenge)));

        await FailsAsync(url, challenge, ":", DnsAccount01.RecordName(Identifier.Dns("another.test"), Account.Url), "ublish a TXT record at");
    }

    [Fact]
    public async Task Dns_persist_01_renews_for_ever_with_the_record_that_the_challenge_shows()
    {
        var meta = Account.Session.Directory.GetProperty("meta");
        Assert.Equal([Issuer], meta.GetProperty("issuerDomainNames").EnumerateArray().Select(n => n.GetString()));
        Assert.Equal($"{Server.PublicUrl}acme/account-hash/", meta.GetProperty("accountHashPrefix").GetString());
        var (order, url) = await OrderAsync("dns", "*.persist.test");
        var challenge = await ChallengeAsync(url, "dns-persist-01");
        Assert.False(challenge.TryGetProperty("token", out _));
        Assert.Equal([Issuer], challenge.GetProperty("issuerDomainNames").EnumerateArray().Select(n => n.GetString()));
        Assert.Equal([Issuer], challenge.GetProperty("issuer-domain-names").EnumerateArray().Select(n => n.GetString()));
        var record = challenge.GetProperty("record");
        Assert.Equal("_validation-persist.persist.test", record.GetProperty("name").GetString());

        await Dns.AddTextAsync(record.GetProperty("name").GetString()!, record.GetProperty("value").GetString()!);
        await ProveAndIssueAsync(order, url, challenge, "*.persist.test");

        // After a key change the record, which was made with the old key, is still good: nobody touches the DNS.
        var changed = await ChangeKeyAsync();
        var again = await changed.OrderAsync("persist.test");
        var next = again.Json.GetProperty("authorizations")[0].GetString()!;
        _account = changed;
        await ProveAndIssueAsync(again, next, await ChallengeAsync(next, "dns-persist-01"), "persist.test");
    }

    [Fact]
    public async Task A_persistent_record_may_name_the_account_by_its_URL_and_end()
    {
        var until = DateTimeOffset.UtcNow.AddDays(2).ToUnixTimeSeconds();
        await Dns.AddTextAsync("_validation-persist.plain.test", $"{Issuer}; accounturi={Account.Url}; persistUntil={until}");
        var (order, url) = await OrderAsync("dns", "plain.test");

        await ProveAndIssueAsync(order, url, await ChallengeAsync(url, "dns-persist-01"), "plain.test");

        var expires = (await Account.GetAsync(url)).Json.GetProperty("expires").GetDateTimeOffset();
        Assert.Equal(until, expires.ToUnixTimeSeconds());
    }

    [Fact]
    public async Task A_persistent_record_without_the_policy_does_not_prove_a_wildcard()
    {
        await Dns.AddTextAsync("_validation-persist.narrow.test", $"{Issuer}; accounturi={Account.Url}");
        var (_, url) = await OrderAsync("dns", "*.narrow.test");

        await FailsAsync(url, await ChallengeAsync(url, "dns-persist-01"), ":unauthorized", "needs policy=wildcard", "; policy=wildcard'.");
    }

    private string KeyAuthorization(JsonElement challenge) => $"{challenge.GetProperty("token").GetString()}.{Account.Key.Thumbprint}";

    private async Task<(AcmeAnswer Order, string Authorization)> OrderAsync(string type, string value)
    {
        var order = await Account.PostAsync(Account.Session.Url("newOrder"), $$"""{"identifiers":[{"type":"{{type}}","value":"{{value}}"}]}""");
        Assert.True(order.Status == 201, order.ToString());
        return (order, order.Json.GetProperty("authorizations")[0].GetString()!);
    }

    private async Task<IEnumerable<string?>> OfferedAsync(string type, string value) =>
        (await Account.GetAsync((await OrderAsync(type, value)).Authorization)).Json.GetProperty("challenges").EnumerateArray().Select(c => c.GetProperty("type").GetString());

    private async Task<JsonElement> ChallengeAsync(string authorization, string type) =>
        (await Account.GetAsync(authorization)).Json.GetProperty("challenges").EnumerateArray().Single(c => c.GetProperty("type").GetString() == type);

    private async Task<AcmeAnswer> AnswerAsync(string authorization, JsonElement challenge)
    {
        Assert.Equal(200, (await Account.PostAsync(challenge.GetProperty("url").GetString()!, "{}")).Status);
        return await Account.PollAsync(authorization, TimeSpan.FromSeconds(30), Cancellation);
    }

    private async Task ProveAndIssueAsync(AcmeAnswer order, string authorization, JsonElement challenge, string name)
    {
        var done = await AnswerAsync(authorization, challenge);
        Assert.True(done["status"] == "valid", done.ToString());
        Assert.Equal(200, (await Account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For(name)}}"}""")).Status);
        var valid = await Account.PollAsync(order.Location!, TimeSpan.FromSeconds(30), Cancellation);
        Assert.True(valid["status"] == "valid", valid.ToString());
        using var leaf = X509Certificate2.CreateFromPem((await Account.GetAsync(valid["certificate"]!)).Text);
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal([name], IPAddress.TryParse(name, out _) ? names.EnumerateIPAddresses().Select(a => a.ToString()) : names.EnumerateDnsNames());
    }

    private async Task FailsAsync(string authorization, JsonElement challenge, string type, string seen, string remedy)
    {
        var done = await AnswerAsync(authorization, challenge);
        Assert.Equal("invalid", done["status"]);
        var error = Assert.Single(done.Json.GetProperty("challenges").EnumerateArray()).GetProperty("error");
        Assert.Contains(type, error.GetProperty("type").GetString(), StringComparison.Ordinal);
        var detail = error.GetProperty("detail").GetString();
        Assert.Contains(seen, detail, StringComparison.Ordinal);
        Assert.Contains(remedy, detail, StringComparison.Ordinal);
    }

    private async Task<string> MetricsAsync()
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri(Server.AdminUrl, "/metrics"), Cancellation);
    }

    // RFC 8555 §7.3.5.
    private async Task<TestAccount> ChangeKeyAsync()
    {
        var next = TestAccountKey.Create();
        var url = Account.Session.Url("keyChange");
        var inner = next.Jws(
            $$"""{"alg":"{{next.Algorithm}}","jwk":{{next.Jwk}},"url":"{{url}}"}""", $$"""{"account":"{{Account.Url}}","oldKey":{{Account.Key.Jwk}}}""");
        var answer = await Account.PostAsync(url, inner);
        Assert.True(answer.Status == 200, answer.ToString());
        return Account with { Key = next };
    }

    public sealed class Offering() : ServerWithDns(MethodRule.ChallengeNames.Index().ToDictionary(m => $"Acme:Challenges:{m.Index}", m => m.Item));
}
