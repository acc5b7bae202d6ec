using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Acme;

/// <summary>RFC 8555 §7.1.1, §7.2, §6.5.</summary>
public sealed class DirectoryAndNonceTests(AcmeServer acme)
{
    [Fact]
    public async Task The_directory_names_the_resources_and_tells_the_terms_of_service()
    {
        var session = await acme.OpenAsync();
        foreach (var entry in (string[])["newNonce", "newAccount", "newOrder"])
            Assert.StartsWith(acme.Server.PublicUrl.ToString(), session.Url(entry), StringComparison.Ordinal);
        var meta = session.Directory.GetProperty("meta");
        Assert.False(meta.GetProperty("externalAccountRequired").GetBoolean());
        Assert.Equal("localhost", meta.GetProperty("caaIdentities")[0].GetString());
        Assert.True(meta.GetProperty("profiles").TryGetProperty("dv", out _));
        var terms = await session.SendAsync(HttpMethod.Get, meta.GetProperty("termsOfService").GetString()!);
        Assert.Equal(200, terms.Status);
    }

    [Fact]
    public async Task NewNonce_answers_HEAD_with_200_and_GET_with_204_and_is_never_cached()
    {
        var session = await acme.OpenAsync();
        foreach (var (method, status) in new[] { (HttpMethod.Head, 200), (HttpMethod.Get, 204) })
        {
            var answer = await session.SendAsync(method, session.Url("newNonce"));
            Assert.Equal(status, answer.Status);
            Assert.Matches("^[A-Za-z0-9_-]{16,}$", answer.Nonce);
            Assert.Contains("no-store", answer.Header("Cache-Control"), StringComparison.Ordinal);
            Assert.True(answer.HasLink("index"));
        }
    }

    [Fact]
    public async Task A_nonce_is_good_once()
    {
        var account = await acme.NewAccountAsync();
        var session = account.Session;
        var body = account.Key.Jws(AcmeSession.Header(account.Key, account.Url, await session.NonceAsync(), account.Url), "");
        Assert.Equal(200, (await session.SendAsync(HttpMethod.Post, account.Url, body)).Status);
        var again = await session.SendAsync(HttpMethod.Post, account.Url, body);
        Assert.Equal((400, "badNonce"), (again.Status, again.ProblemType));
        Assert.NotNull(again.Nonce);
    }

    [Theory]
    [InlineData("\"nonce\":\"AAAAAAAAAAAAAAAAAAAAAA\",")]
    [InlineData("\"nonce\":\"x\",")]
    [InlineData("")]
    public async Task A_nonce_that_this_server_did_not_make_is_badNonce_and_comes_with_a_good_one(string member)
    {
        var account = await acme.NewAccountAsync();
        var header = $$"""{"alg":"ES256",{{member}}"url":"{{account.Url}}","kid":"{{account.Url}}"}""";
        var answer = await account.Session.SendAsync(HttpMethod.Post, account.Url, account.Key.Jws(header, ""));
        Assert.Equal((400, "badNonce"), (answer.Status, answer.ProblemType));
        Assert.Equal(200, (await account.GetAsync(account.Url)).Status);
    }

    [Fact]
    public async Task HEAD_of_the_directory_is_as_GET_without_the_body()
    {
        var session = await acme.OpenAsync();
        var (head, get) = (await session.SendAsync(HttpMethod.Head, $"{acme.Server.Directory}"), await session.SendAsync(HttpMethod.Get, $"{acme.Server.Directory}"));
        Assert.Equal((200, "", get.Header("Content-Length"), "application/json"), (head.Status, head.Text, head.Header("Content-Length"), head.ContentType));
        // RFC 8555 §7.1: the directory does not link to itself.
        Assert.False(head.HasLink("index") || get.HasLink("index"));
    }

    [Theory]
    [InlineData("directory", "GET, HEAD, POST")]
    [InlineData("new-nonce", "GET, HEAD, POST")]
    [InlineData("renewal-info/x.y", "GET, HEAD")]
    [InlineData("new-account", "POST")]
    [InlineData("new-order", "POST")]
    [InlineData("key-change", "POST")]
    [InlineData("revoke-cert", "POST")]
    [InlineData("account/x", "POST")]
    [InlineData("account/x/orders", "POST")]
    [InlineData("order/x", "POST")]
    [InlineData("order/x/finalize", "POST")]
    [InlineData("authorization/x", "POST")]
    [InlineData("challenge/x", "POST")]
    [InlineData("certificate/x", "POST")]
    [InlineData("certificate/x/1", "POST")]
    public async Task A_method_that_a_resource_does_not_have_is_405_malformed_and_says_which_it_has(string resource, string allowed)
    {
        var session = await acme.OpenAsync();
        foreach (var method in ((string[])["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]).Except(allowed.Split(", ")))
        {
            var answer = await session.SendAsync(new HttpMethod(method), new Uri(acme.Server.PublicUrl, "/acme/" + resource).ToString());
            Assert.Equal(405, answer.Status);
            if (method != "HEAD")
                Assert.Equal("malformed", answer.ProblemType);
            Assert.Equal(allowed, string.Join(", ", answer.Headers["Allow"].Order(StringComparer.Ordinal)));
            Assert.Equal(resource != "directory", answer.HasLink("index"));
        }
    }

    [Fact]
    public async Task An_unknown_resource_is_404_with_a_problem_document()
    {
        var session = await acme.OpenAsync();
        var answer = await session.SendAsync(HttpMethod.Get, new Uri(acme.Server.PublicUrl, "/acme/nothing").ToString());
        Assert.Equal((404, "malformed"), (answer.Status, answer.ProblemType));
    }
}
