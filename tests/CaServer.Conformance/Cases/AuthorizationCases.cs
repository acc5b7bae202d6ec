using CaServer.Conformance.Acme;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>Authorizations and challenges (RFC 8555 §7.1.4, §7.1.6, §7.5, §8).</summary>
internal static class AuthorizationCases
{
    private static readonly string[] s_withToken = ["http-01", "dns-01", "tls-alpn-01"];

    public static readonly Section Section = new("Authorizations",
        Must("RFC 8555 §7.1.4 (2)", "An authorization has its identifier, status and challenges", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.OrderAsync(account);
            var answer = (await t.ReadAsync(account, order.Object.Texts("authorizations")[0])).Is(200);
            var authorization = new Authorization("", answer.Object);
            answer.Expect(authorization.Identifier.Text("type") == "dns" && authorization.Identifier.Text("value") == order.Names[0], $"the identifier {order.Names[0]}")
                .Expect(authorization.Status == "pending", "status pending")
                .Expect(authorization.Challenges.Count > 0, "challenges");
        }),
        Must("RFC 8555 §8 (1)", "Each challenge has type, url and status", async t =>
        {
            foreach (var challenge in (await t.AuthorizationAsync(await t.AccountAsync())).Challenges)
            {
                challenge.Text("type");
                challenge.Url("url");
                if (challenge.Text("status") != "pending")
                    throw new Nonconformity($"expected challenges to be pending; one is {challenge.Text("status")}");
            }
        }),
        Must("RFC 8555 §8 (2)", "Tokens are base64url without padding, of at least 128 bits", async t =>
        {
            var others = (await TokensAsync(t)).Where(token => token.Length < 22 || !token.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')).ToArray();
            if (others.Length > 0)
                throw new Nonconformity($"expected at least 22 characters of base64url; a token is \"{others[0]}\"");
        }),
        Must("RFC 8555 §8 (3)", "Tokens of different authorizations differ", async t =>
        {
            string[] tokens = [.. (await TokensAsync(t)).Distinct(), .. (await TokensAsync(t)).Distinct()];
            if (tokens.Distinct().Count() != tokens.Length)
                throw new Nonconformity("expected different tokens; two authorizations share one");
        }),
        Should("RFC 8555 §7.5 (1)", "Another account cannot read an authorization", async t =>
        {
            var authorization = await t.AuthorizationAsync(await t.AccountAsync());
            (await t.ReadAsync(await t.StrangerAsync(), authorization.Url)).IsRefused();
        }),
        Must("RFC 8555 §7.5 (2)", "An authorization that is not there is refused", async t =>
        {
            var account = await t.AccountAsync();
            (await t.ReadAsync(account, (await t.AuthorizationAsync(account)).Url + "0123456789")).IsRefused();
        }),
        Must("RFC 8555 §7.1.4 (3)", "A valid authorization has \"expires\", in the future", async t =>
        {
            var (_, valid) = await ValidAsync(t);
            if (valid.Object.Time("expires") <= TimeProvider.System.GetUtcNow())
                throw new Nonconformity($"expected \"expires\" in the future; it is {valid.Object.Text("expires")}");
        }),
        Must("RFC 8555 §8 (4)", "A valid authorization has the challenge that was met, with the time of validation", async t =>
        {
            var (_, valid) = await ValidAsync(t);
            var met = valid.Challenges.Where(c => c.Text("status") == "valid").ToArray();
            if (met.Length == 0)
                throw new Nonconformity("expected a challenge with status valid");
            met[0].Time("validated");
        }),
        Must("RFC 8555 §7.1.4 (4)", "An authorization that is not for a wildcard does not say that it is", async t =>
        {
            if ((await t.AuthorizationAsync(await t.AccountAsync())).Object.Has("wildcard"))
                throw new Nonconformity("expected no \"wildcard\"");
        }),
        Must("RFC 8555 §7.5.1 (1)", "A challenge that is answered with {} is shown with 200", async t =>
        {
            var (account, challenge) = await AnyChallengeAsync(t);
            var answer = (await t.PostAsync(account, challenge.Url("url"), "{}")).Is(200);
            answer.Expect(answer.Object.Url("url") == challenge.Url("url") && answer.Object.Text("type") == challenge.Text("type"), "the challenge");
        }),
        Must("RFC 8555 §7.5.1 (2)", "Members of an answer that nobody knows are ignored", async t =>
        {
            t.RequireProofs();
            var (account, authorization, challenge) = await ProvableAsync(t);
            (await t.PostAsync(account, challenge.Url("url"), """{"keyAuthorization":"wrong","unheard-of":1}""")).Is(200);
            var done = await t.PollAsync(account, authorization.Url, "pending", "processing");
            if (done.Text("status") != "valid")
                throw new Nonconformity($"expected the authorization to get valid; it is {done.Text("status")}");
        }),
        Must("RFC 8555 §7.5.1 (3)", "A challenge is read by POST-as-GET, and that does not answer it", async t =>
        {
            var (account, authorization, challenge) = await ProvableAsync(t);
            (await t.ReadAsync(account, challenge.Url("url"))).Is(200);
            var now = (await t.ReadAsync(account, authorization.Url)).Is(200);
            now.Expect(now.Object.Text("status") == "pending", "status pending");
        }),
        Must("RFC 8555 §7.5.1 (4)", "Another account cannot answer a challenge", async t =>
        {
            var (account, authorization, challenge) = await ProvableAsync(t);
            (await t.PostAsync(await t.StrangerAsync(), challenge.Url("url"), "{}")).IsRefused();
            var now = (await t.ReadAsync(account, authorization.Url)).Is(200);
            now.Expect(now.Object.Text("status") == "pending", "status pending");
        }),
        Should("RFC 8555 §7.1 (1)", "A challenge names its authorization (Link rel=\"up\")", async t =>
        {
            var account = await t.AccountAsync();
            var authorization = await t.AuthorizationAsync(account);
            var answer = (await t.ReadAsync(account, authorization.Challenges[0].Url("url"))).Is(200);
            answer.Expect(answer.Links("up").Contains(authorization.Url), $"a Link with rel=\"up\" to {authorization.Url}");
        }),
        Must("RFC 8555 §7.1.6 (6)", "A valid authorization stays valid when its challenge is answered again", async t =>
        {
            var (account, valid) = await ValidAsync(t);
            await t.PostAsync(account, valid.Challenges.First(c => c.Text("status") == "valid").Url("url"), "{}");
            await RequireStatusAsync(t, account, valid, "valid");
        }),
        Must("RFC 8555 §7.1.6 (7)", "An invalid authorization stays invalid when its challenge is answered rightly", async t =>
        {
            var (account, _, failed) = await OrderCases.FailedOrderAsync(t);
            var challenge = failed.Challenges.First(c => c.Text("status") == "invalid");
            if (challenge.Text("type") == "http-01")
                t.Http01.Answer(challenge.Text("token"), account.Key.KeyAuthorization(challenge.Text("token")));
            await t.PostAsync(account, challenge.Url("url"), "{}");
            await RequireStatusAsync(t, account, failed, "invalid");
        }),
        Must("RFC 8555 §8 (5)", "A challenge that failed says why, with a problem type", async t =>
        {
            var (_, _, failed) = await OrderCases.FailedOrderAsync(t);
            failed.Challenges.First(c => c.Text("status") == "invalid").Object("error").Text("type");
        }),
        Must("RFC 8555 §7.1.6 (8)", "A client cannot make an authorization valid by an update", async t =>
        {
            var account = await t.AccountAsync();
            var authorization = await t.AuthorizationAsync(account);
            await t.PostAsync(account, authorization.Url, """{"status":"valid"}""");
            var now = (await t.ReadAsync(account, authorization.Url)).Is(200);
            now.Expect(now.Object.Text("status") == "pending", "status pending");
        }),
        Must("RFC 8555 §7.5.2 (2)", "Deactivation is answered with 200 and the authorization, deactivated", async t =>
        {
            var account = await t.AccountAsync();
            var authorization = await t.AuthorizationAsync(account);
            var answer = (await t.PostAsync(account, authorization.Url, """{"status":"deactivated"}""")).Is(200);
            answer.Expect(answer.Object.Text("status") == "deactivated", "status deactivated");
        }),
        Must("RFC 8555 §7.5.2 (3)", "A valid authorization can be deactivated", async t =>
        {
            var (account, valid) = await ValidAsync(t);
            var answer = (await t.PostAsync(account, valid.Url, """{"status":"deactivated"}""")).Is(200);
            answer.Expect(answer.Object.Text("status") == "deactivated", "status deactivated");
        }),
        Must("RFC 8555 §7.5.2 (4)", "Another account cannot deactivate an authorization", async t =>
        {
            var account = await t.AccountAsync();
            var authorization = await t.AuthorizationAsync(account);
            (await t.PostAsync(await t.StrangerAsync(), authorization.Url, """{"status":"deactivated"}""")).IsRefused();
            var now = (await t.ReadAsync(account, authorization.Url)).Is(200);
            now.Expect(now.Object.Text("status") == "pending", "status pending");
        }),
        Must("RFC 8555 §7.5.2 (5)", "A deactivated authorization does not get valid when its challenge is answered", async t =>
        {
            var (account, authorization, challenge) = await ProvableAsync(t);
            (await t.PostAsync(account, authorization.Url, """{"status":"deactivated"}""")).Prepared("deactivation");
            await t.PostAsync(account, challenge.Url("url"), "{}");
            await RequireStatusAsync(t, account, authorization, "deactivated");
        }),
        Must("RFC 8555 §7.5.2 (6)", "A deactivated authorization is not used in a new order", async t =>
        {
            var (account, valid) = await ValidAsync(t);
            (await t.PostAsync(account, valid.Url, """{"status":"deactivated"}""")).Prepared("deactivation");
            var answer = (await t.NewOrderAsync(account, valid.Identifier.Text("value"))).Is(201);
            answer.Expect(answer.Object.Text("status") == "pending" && !answer.Object.Texts("authorizations").Contains(valid.Url), "a pending order with another authorization");
        }));

    private static async Task<IReadOnlyList<string>> TokensAsync(Trial t)
    {
        var authorization = await t.AuthorizationAsync(await t.AccountAsync());
        return [.. authorization.Challenges.Where(c => s_withToken.Contains(c.Text("type"))).Select(c => c.Text("token"))];
    }

    private static async Task<(Account Account, Authorization Authorization)> ValidAsync(Trial t)
    {
        t.RequireProofs();
        var account = await t.NewAccountAsync();
        var order = await t.ReadyOrderAsync(account);
        return (account, (await t.AuthorizationsAsync(account, order))[0]);
    }

    private static async Task RequireStatusAsync(Trial t, Account account, Authorization authorization, string status)
    {
        var now = await t.PollAsync(account, authorization.Url, "processing");
        if (now.Text("status") != status)
            throw new Nonconformity($"expected status {status}; it is {now.Text("status")}");
    }

    private static async Task<(Account Account, AcmeObject Challenge)> AnyChallengeAsync(Trial t)
    {
        var account = await t.NewAccountAsync();
        return (account, (await t.AuthorizationAsync(account)).Challenges[0]);
    }

    // The right answer is there, but nobody has said so yet.
    private static async Task<(Account Account, Authorization Authorization, AcmeObject Challenge)> ProvableAsync(Trial t)
    {
        t.RequireProofs();
        var account = await t.NewAccountAsync();
        var authorization = await t.AuthorizationAsync(account);
        return (account, authorization, await t.PublishAsync(account, authorization));
    }
}
