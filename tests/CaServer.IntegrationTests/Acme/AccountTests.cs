using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Acme;

/// <summary>RFC 8555 §7.3.</summary>
public sealed class AccountTests(AcmeServer acme)
{
    [Theory]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    [InlineData("RS256")]
    [InlineData("EdDSA")]
    public async Task An_account_can_have_a_key_of_each_kind(string algorithm)
    {
        var account = await acme.NewAccountAsync(algorithm);
        var answer = await account.GetAsync(account.Url);
        Assert.Equal((200, "valid"), (answer.Status, answer["status"]));
    }

    [Fact]
    public async Task The_same_key_finds_its_account_and_creates_no_second()
    {
        var account = await acme.NewAccountAsync();
        var again = await account.Session.PostWithKeyAsync(account.Key, account.Session.Url("newAccount"), """{"termsOfServiceAgreed":true}""");
        Assert.Equal((200, account.Url), (again.Status, again.Location));
        var existing = await account.Session.PostWithKeyAsync(account.Key, account.Session.Url("newAccount"), """{"onlyReturnExisting":true}""");
        Assert.Equal((200, account.Url), (existing.Status, existing.Location));
    }

    [Fact]
    public async Task OnlyReturnExisting_of_an_unknown_key_is_accountDoesNotExist()
    {
        var answer = await PostAsync("""{"onlyReturnExisting":true}""");
        Assert.Equal((400, "accountDoesNotExist"), (answer.Status, answer.ProblemType));
    }

    [Fact]
    public async Task Without_agreement_the_terms_of_service_are_pointed_out()
    {
        var answer = await PostAsync("{}");
        Assert.Equal((403, "userActionRequired"), (answer.Status, answer.ProblemType));
        Assert.True(answer.HasLink("terms-of-service"));
        Assert.NotNull(answer["instance"]);
    }

    [Theory]
    [InlineData("""["mailto:a@example.org","mailto:b@example.org"]""", 201, null)]
    [InlineData("""[]""", 201, null)]
    [InlineData("""["tel:+123456"]""", 400, "unsupportedContact")]
    [InlineData("""["mailto:a@example.org,b@example.org"]""", 400, "invalidContact")]
    [InlineData("""["mailto:a@example.org?subject=x"]""", 400, "invalidContact")]
    [InlineData("""["mailto:nobody"]""", 400, "invalidContact")]
    [InlineData("""["mailto:a@-bad-.org"]""", 400, "invalidContact")]
    [InlineData("""[1]""", 400, "malformed")]
    [InlineData("""["mailto:\ud800@example.org"]""", 400, "malformed")]
    [InlineData("""["mailto:a@example.org"],"\udc00":1""", 400, "malformed")]
    [InlineData(""" "mailto:a@example.org" """, 400, "malformed")]
    public async Task Contacts_are_checked(string contacts, int status, string? type)
    {
        var answer = await PostAsync($$"""{"termsOfServiceAgreed":true,"contact":{{contacts}}}""");
        Assert.Equal((status, type), (answer.Status, answer.ProblemType));
    }

    [Fact]
    public async Task Contacts_can_be_changed_and_other_members_are_ignored()
    {
        var account = await acme.NewAccountAsync();
        var answer = await account.PostAsync(account.Url, """{"contact":["mailto:new@example.org"],"termsOfServiceAgreed":false,"orders":"x"}""");
        Assert.Equal((200, "mailto:new@example.org"), (answer.Status, answer.Json.GetProperty("contact")[0].GetString()));
        Assert.Equal("mailto:new@example.org", (await account.GetAsync(account.Url)).Json.GetProperty("contact")[0].GetString());
    }

    [Fact]
    public async Task A_deactivated_account_can_do_nothing_more()
    {
        var account = await acme.NewAccountAsync();
        var answer = await account.PostAsync(account.Url, """{"status":"deactivated"}""");
        Assert.Equal((200, "deactivated"), (answer.Status, answer["status"]));
        foreach (var refused in new[] { await account.GetAsync(account.Url), await account.OrderAsync("x.localhost") })
            Assert.Equal((401, "unauthorized"), (refused.Status, refused.ProblemType));
        var again = await account.Session.PostWithKeyAsync(account.Key, account.Session.Url("newAccount"), """{"termsOfServiceAgreed":true}""");
        Assert.Equal((401, "unauthorized"), (again.Status, again.ProblemType));
    }

    [Fact]
    public async Task The_orders_list_has_the_accounts_orders_newest_first()
    {
        var account = await acme.NewAccountAsync();
        var url = (await account.GetAsync(account.Url))["orders"]!;
        Assert.Equal(0, (await account.GetAsync(url)).Json.GetProperty("orders").GetArrayLength());
        var (first, second) = (await account.OrderAsync("first.localhost"), await account.OrderAsync("second.localhost"));
        var list = (await account.GetAsync(url)).Json.GetProperty("orders").EnumerateArray().Select(o => o.GetString());
        Assert.Equal([second.Location, first.Location], list);
        var stranger = await (await acme.NewAccountAsync()).GetAsync(url);
        Assert.Equal((403, "unauthorized"), (stranger.Status, stranger.ProblemType));
    }

    [Fact]
    public async Task A_long_orders_list_comes_in_pages_linked_by_next()
    {
        var account = await acme.NewAccountAsync();
        var placed = new List<string?>();
        for (var i = 0; i < 103; i++)
            placed.Add((await account.OrderAsync("page.localhost")).Location);
        var (listed, url) = (new List<string?>(), (await account.GetAsync(account.Url))["orders"]);
        for (var page = 0; url is not null && page < 3; page++)
        {
            var answer = await account.GetAsync(url);
            Assert.Equal(200, answer.Status);
            listed.AddRange(answer.Json.GetProperty("orders").EnumerateArray().Select(o => o.GetString()));
            url = answer.Link("next");
        }
        Assert.Equal(placed.AsEnumerable().Reverse(), listed);
    }

    [Fact]
    public async Task An_RSA_key_that_is_too_small_is_badPublicKey()
    {
        var session = await acme.OpenAsync();
        var answer = await session.PostWithKeyAsync(TestAccountKey.Rsa(1024), session.Url("newAccount"), """{"termsOfServiceAgreed":true}""");
        Assert.Equal((400, "badPublicKey"), (answer.Status, answer.ProblemType));
    }

    private async Task<AcmeAnswer> PostAsync(string payload)
    {
        var session = await acme.OpenAsync();
        return await session.PostWithKeyAsync(TestAccountKey.Create(), session.Url("newAccount"), payload);
    }
}
