using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Acme;

/// <summary>RFC 8555 §7.3.5; each refusal changes one thing of a good request.</summary>
public sealed class KeyChangeTests(AcmeServer acme)
{
    [Fact]
    public async Task The_new_key_takes_the_old_ones_place_and_keeps_what_was_proved()
    {
        var account = await acme.NewAccountAsync();
        await acme.ProveAsync(account, await account.OrderAsync("rollover.localhost"));
        var next = TestAccountKey.Create("ES384");
        var changed = await ChangeAsync(account, next);
        Assert.Equal(200, changed.Status);

        var refused = await account.GetAsync(account.Url);
        Assert.Equal((400, "badSignatureAlgorithm"), (refused.Status, refused.ProblemType));
        var rolled = account with { Key = next };
        var order = await rolled.OrderAsync("rollover.localhost");
        Assert.Equal("ready", order["status"]);
        await rolled.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For("rollover.localhost")}}"}""");
        var done = await rolled.PollAsync(order.Location!, TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        Assert.True(done["status"] == "valid", done.ToString());
    }

    [Fact]
    public async Task A_key_of_another_account_is_409_with_that_account()
    {
        var (account, other) = (await acme.NewAccountAsync(), await acme.NewAccountAsync());
        var answer = await ChangeAsync(account, other.Key);
        Assert.Equal((409, other.Url), (answer.Status, answer.Location));
        Assert.Equal(200, (await account.GetAsync(account.Url)).Status);
    }

    [Theory]
    [InlineData("inner url")]
    [InlineData("inner nonce")]
    [InlineData("inner kid")]
    [InlineData("inner signature")]
    [InlineData("other account")]
    [InlineData("other oldKey")]
    [InlineData("no oldKey")]
    [InlineData("no account")]
    [InlineData("same key")]
    [InlineData("no inner JWS")]
    public async Task A_request_that_is_wrong_in_one_point_is_malformed_and_changes_nothing(string point)
    {
        var account = await acme.NewAccountAsync();
        var (next, stranger) = (TestAccountKey.Create(), TestAccountKey.Create());
        var url = account.Session.Url("keyChange");
        var (payload, header, signer) = (Payload(account.Url, account.Key.Jwk), Header(next, url), next);
        switch (point)
        {
            case "inner url":
                header = Header(next, account.Session.Url("newOrder"));
                break;
            case "inner nonce":
                header = header.Replace("\"url\"", "\"nonce\":\"abc\",\"url\"", StringComparison.Ordinal);
                break;
            case "inner kid":
                header = $$"""{"alg":"ES256","url":"{{url}}","kid":"{{account.Url}}"}""";
                break;
            case "inner signature":
                signer = stranger;
                break;
            case "other account":
                payload = Payload(account.Url + "x", account.Key.Jwk);
                break;
            case "other oldKey":
                payload = Payload(account.Url, stranger.Jwk);
                break;
            case "no oldKey":
                payload = $$"""{"account":"{{account.Url}}"}""";
                break;
            case "no account":
                payload = $$"""{"oldKey":{{account.Key.Jwk}}}""";
                break;
            case "same key":
                (header, signer) = (Header(account.Key, url), account.Key);
                break;
        }
        var answer = await account.PostAsync(url, point == "no inner JWS" ? "{}" : signer.Jws(header, payload));
        Assert.Equal((400, "malformed"), (answer.Status, answer.ProblemType));
        Assert.Equal(200, (await account.GetAsync(account.Url)).Status);
    }

    private static Task<AcmeAnswer> ChangeAsync(TestAccount account, TestAccountKey next)
    {
        var url = account.Session.Url("keyChange");
        return account.PostAsync(url, next.Jws(Header(next, url), Payload(account.Url, account.Key.Jwk)));
    }

    private static string Header(TestAccountKey key, string url) => $$"""{"alg":"{{key.Algorithm}}","url":"{{url}}","jwk":{{key.Jwk}}}""";

    private static string Payload(string account, string oldKey) => $$"""{"account":"{{account}}","oldKey":{{oldKey}}}""";
}
