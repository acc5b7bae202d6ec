using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Acme;

/// <summary>RFC 8555 §6.2–6.4: what every signed request must be.</summary>
public sealed class RequestTests(AcmeServer acme)
{
    [Theory]
    [InlineData("application/json")]
    [InlineData("application/jose")]
    [InlineData("")]
    public async Task Another_content_type_is_415(string contentType)
    {
        var account = await acme.NewAccountAsync();
        var answer = await account.Session.SendAsync(HttpMethod.Post, account.Url, await BodyAsync(account, account.Url, ""), contentType);
        Assert.Equal((415, "malformed"), (answer.Status, answer.ProblemType));
    }

    [Theory]
    [InlineData(70_000, false)]
    [InlineData(70_000, true)]
    [InlineData(1_000_000, false)]
    [InlineData(1_000_000, true)]
    public async Task A_body_beyond_the_bound_is_413_and_its_connection_serves_on(int length, bool isChunked)
    {
        await using var client = new CountedClient(acme.Server);
        var account = await (await client.OpenAsync()).CreateAccountAsync();
        for (var i = 0; i < 5; i++)
        {
            var answer = await account.Session.SendAsync(HttpMethod.Post, account.Url, new byte[length], isChunked: isChunked);
            Assert.Equal((413, "malformed"), (answer.Status, answer.ProblemType));
            Assert.Equal(200, (await account.GetAsync(account.Url)).Status);
        }
        Assert.Equal(1, client.Connections);
    }

    [Theory]
    [InlineData("/acme/directory", 1, 20_000, 431)]
    [InlineData("/acme/directory", 60, 10, 431)]
    [InlineData("/acme/directory?", 5000, 0, 414)]
    public async Task A_head_beyond_the_bounds_is_refused_and_others_are_served(string path, int count, int length, int status)
    {
        using var client = acme.Server.NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, length == 0 ? path + new string('a', count) : path);
        for (var i = 0; i < count && length > 0; i++)
            request.Headers.Add($"X-Much-{i}", new string('a', length));
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
        using var next = await client.GetAsync(acme.Server.Directory, TestContext.Current.CancellationToken);
        Assert.True(next.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_request_signed_for_another_URL_is_unauthorized()
    {
        var account = await acme.NewAccountAsync();
        var body = await BodyAsync(account, account.Session.Url("newOrder"), "");
        var answer = await account.Session.SendAsync(HttpMethod.Post, account.Url, body);
        Assert.Equal((403, "unauthorized"), (answer.Status, answer.ProblemType));
    }

    [Fact]
    public async Task A_request_signed_by_another_key_is_refused()
    {
        var account = await acme.NewAccountAsync();
        var thief = account with { Key = TestAccountKey.Create() };
        var answer = await thief.GetAsync(account.Url);
        Assert.Equal((400, "malformed"), (answer.Status, answer.ProblemType));
    }

    [Fact]
    public async Task An_algorithm_of_another_kind_of_key_is_badSignatureAlgorithm()
    {
        var account = await acme.NewAccountAsync();
        var rsa = TestAccountKey.Create("RS256");
        var header = AcmeSession.Header(rsa, account.Url, await account.Session.NonceAsync(), account.Url);
        var answer = await account.Session.SendAsync(HttpMethod.Post, account.Url, rsa.Jws(header, ""));
        Assert.Equal((400, "badSignatureAlgorithm"), (answer.Status, answer.ProblemType));
        Assert.Contains("ES256", answer.Json.GetProperty("algorithms").EnumerateArray().Select(a => a.GetString()));
    }

    [Fact]
    public async Task A_kid_of_no_account_is_accountDoesNotExist()
    {
        var account = await acme.NewAccountAsync();
        var stranger = account with { Url = account.Url[..^4] + "AAAA" };
        var answer = await stranger.PostAsync(account.Session.Url("newOrder"), "{}");
        Assert.Equal((400, "accountDoesNotExist"), (answer.Status, answer.ProblemType));
    }

    [Fact]
    public async Task A_key_where_a_kid_belongs_is_malformed_and_the_reverse()
    {
        var account = await acme.NewAccountAsync();
        var withKey = await account.Session.PostWithKeyAsync(account.Key, account.Session.Url("newOrder"), "{}");
        Assert.Equal((400, "malformed"), (withKey.Status, withKey.ProblemType));
        var withKid = await account.PostAsync(account.Session.Url("newAccount"), "{}");
        Assert.Equal((400, "malformed"), (withKid.Status, withKid.ProblemType));
    }

    [Fact]
    public async Task Another_accounts_resources_are_unauthorized()
    {
        var (owner, stranger) = (await acme.NewAccountAsync(), await acme.NewAccountAsync());
        var order = await owner.OrderAsync("mine.localhost");
        string[] urls = [owner.Url, order.Location!, order.Json.GetProperty("authorizations")[0].GetString()!];
        foreach (var url in urls)
        {
            var answer = await stranger.GetAsync(url);
            Assert.Equal((403, "unauthorized"), (answer.Status, answer.ProblemType));
        }
    }

    [Fact]
    public async Task A_read_with_a_payload_is_malformed()
    {
        var account = await acme.NewAccountAsync();
        var order = await account.OrderAsync("read.localhost");
        var answer = await account.PostAsync(order.Location!, "{}");
        Assert.Equal((400, "malformed"), (answer.Status, answer.ProblemType));
    }

    private static async Task<string> BodyAsync(TestAccount account, string url, string payload) =>
        account.Key.Jws(AcmeSession.Header(account.Key, url, await account.Session.NonceAsync(), account.Url), payload);
}
