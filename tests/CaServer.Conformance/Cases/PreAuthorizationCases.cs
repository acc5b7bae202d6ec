using CaServer.Conformance.Acme;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>newAuthz (RFC 8555 §7.4.1), which a server may offer.</summary>
internal static class PreAuthorizationCases
{
    public static readonly Section Section = new("Pre-authorization",
        Must("RFC 8555 §7.4.1 (1)", "newAuthz is answered with 201, a Location and a pending authorization", async t =>
        {
            var name = await t.NewNameAsync();
            var answer = (await NewAuthzAsync(t, await t.AccountAsync(), "dns", name)).Is(201);
            var authorization = new Authorization(answer.Location ?? "", answer.Object);
            answer.Expect(answer.Location is not null, "a Location header")
                .Expect(authorization.Status == "pending" && authorization.Identifier.Text("value") == name, $"a pending authorization for {name}")
                .Expect(authorization.Challenges.Count > 0, "challenges");
        }),
        Must("RFC 8555 §7.4.1 (2)", "The authorization is read at its URL", async t =>
        {
            var account = await t.AccountAsync();
            var made = (await NewAuthzAsync(t, account, "dns", await t.NewNameAsync())).Is(201);
            (await t.ReadAsync(account, made.Location!)).Is(200);
        }),
        Must("RFC 8555 §7.4.1 (3)", "A wildcard is refused", async t =>
            (await NewAuthzAsync(t, await t.AccountAsync(), "dns", $"*.{await t.NewNameAsync()}")).IsRefused()),
        Must("RFC 8555 §7.4.1 (4)", "An identifier of an unheard-of type is refused", async t =>
            (await NewAuthzAsync(t, await t.AccountAsync(), "phone", "+12025550123")).IsRefused()),
        Must("RFC 8555 §7.4.1 (5)", "newAuthz without an identifier is refused as malformed", async t =>
            (await t.PostAsync(await t.AccountAsync(), t.OptionalUrl("newAuthz"), "{}")).IsRefused("malformed")),
        Must("RFC 8555 §7.4.1 (6)", "Control is proved before there is an order", async t =>
        {
            var account = await t.NewAccountAsync();
            await ProvedAsync(t, account, await t.NewNameAsync());
        }),
        Should("RFC 8555 §7.4.1 (7)", "An order for a name that was proved so is ready at once", async t =>
        {
            var account = await t.NewAccountAsync();
            var name = await t.NewNameAsync();
            await ProvedAsync(t, account, name);
            var answer = (await t.NewOrderAsync(account, name)).Is(201);
            answer.Expect(answer.Object.Text("status") == "ready", "status ready");
        }));

    private static Task<AcmeAnswer> NewAuthzAsync(Trial t, Account account, string type, string value) =>
        t.PostAsync(account, t.OptionalUrl("newAuthz"), $$"""{"identifier": {"type":"{{type}}","value":"{{value}}"} }""");

    private static async Task ProvedAsync(Trial t, Account account, string name)
    {
        t.OptionalUrl("newAuthz");
        t.RequireProofs();
        var made = (await NewAuthzAsync(t, account, "dns", name)).Is(201);
        await t.ProveAsync(account, new Authorization(made.Location!, made.Object));
    }
}
