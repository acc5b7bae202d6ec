using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>Orders (RFC 8555 §7.1.3, §7.1.6, §7.4).</summary>
internal static class OrderCases
{
    private const string Rfc3339 = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private static readonly string[] s_badName = ["malformed", "rejectedIdentifier", "unsupportedIdentifier"];

    public static readonly Section Section = new("Orders",
        Must("RFC 8555 §7.4 (1)", "newOrder is answered with 201, a Location and the order", async t =>
        {
            var answer = (await t.NewOrderAsync(await t.AccountAsync(), await t.NewNameAsync())).Is(201);
            answer.Expect(answer.Location is not null, "a Location header");
            answer.Object.Text("status");
        }),
        Must("RFC 8555 §7.1.3 (1)", "An order has status, identifiers, authorizations and finalize", async t =>
        {
            var order = (await t.NewOrderAsync(await t.AccountAsync(), await t.NewNameAsync())).Is(201).Object;
            order.Text("status");
            order.Objects("identifiers");
            order.Texts("authorizations");
            order.Url("finalize");
        }),
        Must("RFC 8555 §7.1.3 (2)", "A pending order has \"expires\", in the future", async t =>
        {
            var answer = (await t.NewOrderAsync(await t.AccountAsync(), await t.NewNameAsync())).Is(201);
            answer.Expect(answer.Object.Time("expires") > TimeProvider.System.GetUtcNow(), "\"expires\" in the future");
        }),
        Must("RFC 8555 §7.1.6 (1)", "An order for a name that is not proved is pending", async t =>
        {
            var answer = (await t.NewOrderAsync(await t.NewAccountAsync(), await t.NewNameAsync())).Is(201);
            answer.Expect(answer.Object.Text("status") == "pending", "status pending");
        }),
        Must("RFC 8555 §7.4 (2)", "The order has the identifiers that were asked for", async t =>
        {
            string[] names = [await t.NewNameAsync(), await t.NewNameAsync()];
            var answer = (await t.NewOrderAsync(await t.AccountAsync(), names)).Is(201);
            var identifiers = answer.Object.Objects("identifiers");
            answer.Expect(
                identifiers.All(i => i.Text("type") == "dns") && identifiers.Select(i => i.Text("value")).Order().SequenceEqual(names.Order()),
                $"identifiers {string.Join(", ", names)}");
        }),
        Must("RFC 8555 §7.1.3 (3)", "An order for two new names has two authorizations, one for each", async t =>
        {
            var account = await t.AccountAsync();
            string[] names = [await t.NewNameAsync(), await t.NewNameAsync()];
            var order = await t.OrderAsync(account, names);
            var authorized = (await t.AuthorizationsAsync(account, order)).Select(a => a.Identifier.Text("value")).Order();
            if (!authorized.SequenceEqual(names.Order()))
                throw new Nonconformity($"expected authorizations for {string.Join(", ", names)}; they are for {string.Join(", ", authorized)}");
        }),
        Must("RFC 8555 §7.4 (3)", "An order is read by POST-as-GET", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.OrderAsync(account);
            var answer = (await t.ReadAsync(account, order.Url)).Is(200);
            answer.Expect(answer.Object.Url("finalize") == order.Finalize, "the same order");
        }),
        Should("RFC 8555 §7.4 (4)", "Another account cannot read an order", async t =>
        {
            var order = await t.OrderAsync(await t.AccountAsync());
            (await t.ReadAsync(await t.StrangerAsync(), order.Url)).IsRefused();
        }),
        Must("RFC 8555 §7.4 (5)", "An order that is not there is refused", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.OrderAsync(account);
            (await t.ReadAsync(account, order.Url + "0123456789")).IsRefused();
        }),
        Must("RFC 8555 §7.4 (6)", "newOrder without identifiers is refused as malformed", async t =>
            (await t.PostAsync(await t.AccountAsync(), t.Url("newOrder"), "{}")).IsRefused("malformed")),
        Must("RFC 8555 §7.4 (7)", "newOrder with an empty list of identifiers is refused as malformed", async t =>
            (await t.PostAsync(await t.AccountAsync(), t.Url("newOrder"), """{"identifiers":[]}""")).IsRefused("malformed")),
        Must("RFC 8555 §7.4 (8)", "newOrder with identifiers that are no list is refused as malformed", async t =>
            (await t.PostAsync(await t.AccountAsync(), t.Url("newOrder"), """{"identifiers":{"type":"dns","value":"a.example.com"}}""")).IsRefused("malformed")),
        Must("RFC 8555 §7.4 (9)", "newOrder with an identifier without value is refused", async t =>
            (await t.PostAsync(await t.AccountAsync(), t.Url("newOrder"), """{"identifiers":[{"type":"dns"}]}""")).IsRefused(s_badName)),
        Must("RFC 8555 §7.4 (10)", "newOrder with an identifier without type is refused", async t =>
            (await t.PostAsync(await t.AccountAsync(), t.Url("newOrder"), $$"""{"identifiers":[{"value":"{{await t.NewNameAsync()}}"}]}""")).IsRefused(s_badName)),
        Must("RFC 8555 §7.4 (11)", "newOrder with an identifier whose value is no string is refused", async t =>
            (await t.PostAsync(await t.AccountAsync(), t.Url("newOrder"), """{"identifiers":[{"type":"dns","value":7}]}""")).IsRefused(s_badName)),
        Must("RFC 8555 §7.4 (12)", "newOrder with an identifier of an unheard-of type is refused", async t =>
            (await t.NewOrderAsync(await t.AccountAsync(), [("phone", "+12025550123")], _ => { })).IsRefused(s_badName)),
        Should("RFC 8555 §6.7 (1)", "An identifier of an unheard-of type is refused with unsupportedIdentifier", async t =>
            (await t.NewOrderAsync(await t.AccountAsync(), [("phone", "+12025550123")], _ => { })).IsRefused("unsupportedIdentifier")),
        Must("RFC 8555 §7.1.4 (1)", "A name that is not ASCII is refused", t => BadNameAsync(t, name => $"münchen.{name}")),
        Must("RFC 8555 §7.4 (13)", "A name with a space is refused", t => BadNameAsync(t, name => $"a b.{name}")),
        Must("RFC 8555 §7.4 (14)", "A name with an empty label is refused", t => BadNameAsync(t, name => $"a..{name}")),
        Must("RFC 8555 §7.4 (15)", "A name with a label of 64 characters is refused", t => BadNameAsync(t, name => $"{new string('a', 64)}.{name}")),
        Must("RFC 8555 §7.4 (16)", "A name of more than 253 characters is refused", t => BadNameAsync(t, name => $"{string.Concat(Enumerable.Repeat(new string('a', 60) + ".", 5))}{name}")),
        Must("RFC 8555 §7.4 (17)", "A label that begins with a hyphen is refused", t => BadNameAsync(t, name => $"-a.{name}")),
        Must("RFC 8555 §7.4 (18)", "An empty name is refused", t => BadNameAsync(t, _ => "")),
        Must("RFC 8555 §7.4 (19)", "A name with a port is refused", t => BadNameAsync(t, name => $"{name}:443")),
        Must("RFC 8555 §7.4 (20)", "A URL as a name is refused", t => BadNameAsync(t, name => $"https://{name}/")),
        Must("RFC 8738 §3 (1)", "An address as an identifier of type dns is refused", t => BadNameAsync(t, _ => "192.0.2.1")),
        May("RFC 8555 §7.4 (21)", "A name in capitals is taken, or shown, in lower case", async t =>
        {
            var name = await t.NewNameAsync();
            var answer = (await t.NewOrderAsync(await t.AccountAsync(), name.ToUpperInvariant())).Is(201);
            answer.Expect(answer.Object.Objects("identifiers")[0].Text("value") == name, $"the identifier {name}");
        }),
        May("RFC 8555 §7.4 (22)", "A name that is asked for twice is taken once", async t =>
        {
            var name = await t.NewNameAsync();
            var answer = (await t.NewOrderAsync(await t.AccountAsync(), name, name)).Is(201);
            answer.Expect(answer.Object.List("identifiers").Count == 1, "one identifier");
        }),
        Must("RFC 8555 §7.4 (23)", "notBefore and notAfter are refused, or honoured to the second", async t =>
        {
            t.RequireProofs();
            var now = TimeProvider.System.GetUtcNow();
            var (notBefore, notAfter) = (Seconds(now.AddMinutes(-2)), Seconds(now.AddDays(3)));
            var account = await t.AccountAsync();
            var answer = await t.NewOrderAsync(account, [("dns", await t.NewNameAsync())], payload =>
            {
                payload["notBefore"] = notBefore.ToString(Rfc3339);
                payload["notAfter"] = notAfter.ToString(Rfc3339);
            });
            if (!answer.IsSuccess)
            {
                answer.IsRefused();
                return;
            }
            var certificate = await t.IssueAsync(account, await t.MakeReadyAsync(account, Order.Of(answer)));
            var leaf = certificate.Leaf;
            answer.Expect(
                leaf.NotBefore.ToUniversalTime() == notBefore && leaf.NotAfter.ToUniversalTime() == notAfter,
                $"a certificate from {notBefore:u} to {notAfter:u}, or a refusal; it is from {leaf.NotBefore.ToUniversalTime():u} to {leaf.NotAfter.ToUniversalTime():u}");
        }),
        Must("RFC 8555 §7.4 (24)", "A notAfter that is no time is refused", async t =>
            (await t.NewOrderAsync(await t.AccountAsync(), [("dns", await t.NewNameAsync())], p => p["notAfter"] = "tomorrow")).IsRefused()),
        Must("RFC 8555 §7.4 (25)", "A notAfter in the past is refused", async t =>
            (await t.NewOrderAsync(await t.AccountAsync(), [("dns", await t.NewNameAsync())], p => p["notAfter"] = "2001-01-01T00:00:00Z")).IsRefused()),
        Must("RFC 8555 §7.1.6 (2)", "Once all its names are proved, an order is ready", async t =>
        {
            t.RequireProofs();
            var account = await t.NewAccountAsync();
            await t.ReadyOrderAsync(account, await t.NewNameAsync(), await t.NewNameAsync());
        }),
        Must("RFC 8555 §7.1.6 (3)", "While one of two names is not proved, an order is pending", async t =>
        {
            t.RequireProofs();
            var account = await t.NewAccountAsync();
            var order = await t.OrderAsync(account, await t.NewNameAsync(), await t.NewNameAsync());
            await t.ProveAsync(account, (await t.AuthorizationsAsync(account, order))[0]);
            var now = await t.ReadAsync(account, order.Url);
            now.Expect(now.Object.Text("status") == "pending", "status pending");
        }),
        Must("RFC 8555 §7.1.3 (4)", "The authorizations and finalize of an order stay the same when it gets ready", async t =>
        {
            var account = await t.NewAccountAsync();
            t.RequireProofs();
            var order = await t.OrderAsync(account);
            var ready = await t.MakeReadyAsync(account, order);
            if (!ready.Object.Texts("authorizations").SequenceEqual(order.Object.Texts("authorizations")) || ready.Finalize != order.Finalize)
                throw new Nonconformity("expected the same authorizations and finalize as before");
        }),
        Must("RFC 8555 §7.1.6 (4)", "An order with a failed authorization is invalid", async t =>
        {
            var (account, order, _) = await FailedOrderAsync(t);
            var now = await t.PollAsync(account, order.Url, "pending");
            if (now.Text("status") != "invalid")
                throw new Nonconformity($"expected status invalid; it is {now.Text("status")}");
        }),
        Should("RFC 8555 §7.1.3 (5)", "An order that failed says why in \"error\"", async t =>
        {
            var (account, order, _) = await FailedOrderAsync(t);
            (await t.PollAsync(account, order.Url, "pending")).Object("error").Text("type");
        }),
        Must("RFC 8555 §7.1.6 (5)", "An invalid order cannot be finalized", async t =>
        {
            var (account, order, _) = await FailedOrderAsync(t);
            (await t.FinalizeAsync(account, order, Csrs.For(order))).IsRefused();
        }),
        Must("RFC 8555 §7.5.2 (1)", "A deactivated authorization does not suffice for a certificate", async t =>
        {
            var account = await t.NewAccountAsync();
            var order = await t.ReadyOrderAsync(account);
            (await t.PostAsync(account, order.Object.Texts("authorizations")[0], """{"status":"deactivated"}""")).Prepared("deactivation");
            var answer = await t.FinalizeAsync(account, order, Csrs.For(order));
            if (!answer.IsSuccess)
            {
                answer.IsRefused();
                return;
            }
            var done = await t.PollAsync(account, order.Url, "processing", "ready", "pending");
            answer.Expect(done.Text("status") == "invalid", "a refusal, or the order to get invalid");
        }),
        May("RFC 8555 §7.4 (26)", "An authorization that is valid is used again in another order", async t =>
        {
            var account = await t.NewAccountAsync();
            var first = await t.ReadyOrderAsync(account);
            var second = (await t.NewOrderAsync(account, first.Names)).Is(201);
            second.Expect(second.Object.Text("status") == "ready", "status ready");
        }),
        May("RFC 8555 §6.7.1 (1)", "An error about one of several identifiers has subproblems that name it", async t =>
        {
            var answer = (await t.NewOrderAsync(await t.AccountAsync(), [("dns", await t.NewNameAsync()), ("dns", "a..example.com")], _ => { })).IsRefused();
            answer.Expect(answer.Object.Has("subproblems") && answer.Object.Objects("subproblems").Any(p => p.Has("identifier") || p.Has("detail")), "subproblems");
        }));

    /// <summary>An order whose only authorization was answered wrongly and is invalid.</summary>
    public static async Task<(Account Account, Order Order, Authorization Authorization)> FailedOrderAsync(Trial t)
    {
        var account = await t.NewAccountAsync();
        var order = await t.OrderAsync(account);
        var authorization = (await t.AuthorizationsAsync(account, order))[0];
        var challenge = authorization.Find("http-01") is { } http && t.Server.Http01 is not null ? http
            : authorization.Find("dns-01") ?? throw new NotApplicable("the server offers neither http-01 nor dns-01");
        if (challenge.Text("type") == "http-01")
            t.Http01.Answer(challenge.Text("token"), "wrong");
        var failed = await t.AnswerAsync(account, authorization, challenge);
        return failed.Status == "invalid"
            ? (account, order, failed)
            : throw new Undecidable($"an authorization that was answered wrongly is {failed.Status}");
    }

    private static async Task BadNameAsync(Trial t, Func<string, string> bad) =>
        (await t.NewOrderAsync(await t.AccountAsync(), bad(await t.NewNameAsync()))).IsRefused(s_badName);

    private static DateTimeOffset Seconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
