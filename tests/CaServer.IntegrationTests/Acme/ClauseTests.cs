using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Acme;

/// <summary>Clauses of RFC 8555 that hold for every resource.</summary>
public sealed class ClauseTests(AcmeServer acme)
{
    [Fact]
    public async Task Every_answer_to_a_POST_brings_a_fresh_nonce_and_the_directory()
    {
        var account = await acme.NewAccountAsync();
        var session = account.Session;
        var order = await account.OrderAsync("clause.localhost");
        var authorization = order.Json.GetProperty("authorizations")[0].GetString()!;
        AcmeAnswer[] answers =
        [
            order,
            await account.GetAsync(account.Url),
            await account.GetAsync(authorization),
            await account.GetAsync((await account.GetAsync(authorization)).Json.GetProperty("challenges")[0].GetProperty("url").GetString()!),
            await account.GetAsync(order.Location!),
            await account.PostAsync(order["finalize"]!, "{}"),
            await account.PostAsync(session.Url("newOrder"), "{}"),
            await account.PostAsync(session.Url("newAuthz"), "{}"),
            await account.PostAsync(session.Url("keyChange"), "{}"),
            await account.PostAsync(session.Url("revokeCert"), "{}"),
            await account.PostAsync(account.Url, """{"contact":[]}"""),
        ];

        Assert.All(answers, a => Assert.Matches("^[A-Za-z0-9_-]{22,}$", a.Nonce));
        Assert.Equal(answers.Length, answers.Select(a => a.Nonce).Distinct().Count());
        Assert.All(answers, a => Assert.Equal(acme.Server.Directory.AbsoluteUri, a.Link("index")));
        Assert.All(answers, a => Assert.Equal("no-store", a.Header("Cache-Control")));
    }

    [Fact]
    public async Task A_challenge_links_up_to_its_authorization_and_takes_a_second_answer_for_none()
    {
        var account = await acme.NewAccountAsync();
        var order = await account.OrderAsync("up.localhost");
        var authorization = order.Json.GetProperty("authorizations")[0].GetString()!;
        var challenge = (await account.GetAsync(authorization)).Json.GetProperty("challenges")[0].GetProperty("url").GetString()!;
        Assert.Equal(authorization, (await account.GetAsync(challenge)).Link("up"));

        await acme.ProveAsync(account, order);
        var again = await account.PostAsync(challenge, "{}");
        Assert.Equal((200, "valid", authorization), (again.Status, again["status"], again.Link("up")));
    }
}
