using System.Text.Json.Nodes;
using CaServer.Conformance.Acme;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>Accounts (RFC 8555 §7.1.2, §7.3).</summary>
internal static class AccountCases
{
    public static readonly Section Section = new("Accounts",
        Must("RFC 8555 §7.3 (1)", "newAccount is answered with 201, a Location and the account, valid", async t =>
        {
            var answer = (await t.NewAccountAsync(SigningKey.Ec(), _ => { })).Is(201);
            answer.Expect(answer.Location is not null, "a Location header").Expect(answer.Object.Text("status") == "valid", "status valid");
        }),
        Must("RFC 8555 §7.1.2 (1)", "An account has the URL of its orders", async t =>
            (await t.NewAccountAsync(SigningKey.Ec(), _ => { })).Is(201).Object.Url("orders")),
        Must("RFC 8555 §7.3 (2)", "\"orders\" in newAccount is ignored", async t =>
        {
            var answer = (await t.NewAccountAsync(SigningKey.Ec(), p => p["orders"] = "https://elsewhere.example/orders")).Is(201);
            answer.Expect(answer.Object.OptionalText("orders") != "https://elsewhere.example/orders", "\"orders\" to be the server's");
        }),
        Must("RFC 8555 §7.3 (3)", "Members of newAccount that nobody knows are ignored", async t =>
            (await t.NewAccountAsync(SigningKey.Ec(), p => p["unheard-of"] = new JsonArray(1))).Is(201)),
        Must("RFC 8555 §7.3 (4)", "\"status\" in newAccount has no effect", async t =>
        {
            var answer = (await t.NewAccountAsync(SigningKey.Ec(), p => p["status"] = "deactivated")).Is(201);
            answer.Expect(answer.Object.Text("status") == "valid", "status valid");
        }),
        Should("RFC 8555 §7.3 (5)", "The account shows the contacts that were given", async t =>
        {
            var answer = (await t.NewAccountAsync(SigningKey.Ec(), p => p["contact"] = new JsonArray("mailto:admin@example.com"))).Is(201);
            answer.Expect(answer.Object.Has("contact") && answer.Object.Texts("contact").Contains("mailto:admin@example.com"), "the contact in the account");
        }),
        Must("RFC 8555 §7.3 (6)", "If a contact of an unheard-of scheme is refused, then with unsupportedContact", async t =>
        {
            var answer = await t.NewAccountAsync(SigningKey.Ec(), p => p["contact"] = new JsonArray("gopher-mail:admin"));
            if (!answer.IsSuccess)
                answer.IsRefused("unsupportedContact");
        }),
        Must("RFC 8555 §7.3 (7)", "If a mailto contact without an address is refused, then with invalidContact", async t =>
        {
            var answer = await t.NewAccountAsync(SigningKey.Ec(), p => p["contact"] = new JsonArray("mailto:nobody"));
            if (!answer.IsSuccess)
                answer.IsRefused("invalidContact");
        }),
        Should("RFC 8555 §7.3 (8)", "A mailto contact with header fields is refused with invalidContact", async t =>
            (await t.NewAccountAsync(SigningKey.Ec(), p => p["contact"] = new JsonArray("mailto:admin@example.com?subject=hello"))).IsRefused("invalidContact")),
        Should("RFC 8555 §7.3 (9)", "A mailto contact with two addresses is refused with invalidContact", async t =>
            (await t.NewAccountAsync(SigningKey.Ec(), p => p["contact"] = new JsonArray("mailto:a@example.com,b@example.com"))).IsRefused("invalidContact")),
        Must("RFC 8555 §7.3 (10)", "Where terms are to be agreed to, newAccount without agreement is refused", async t =>
        {
            RequireTerms(t);
            (await t.NewAccountAsync(SigningKey.Ec(), p => p.Remove("termsOfServiceAgreed"))).IsRefused();
        }),
        Must("RFC 8555 §7.3 (11)", "Where terms are to be agreed to, newAccount that says no is refused", async t =>
        {
            RequireTerms(t);
            (await t.NewAccountAsync(SigningKey.Ec(), p => p["termsOfServiceAgreed"] = false)).IsRefused();
        }),
        Must("RFC 8555 §7.3.1 (1)", "newAccount with a key that has an account gives 200 and the account's URL", async t =>
        {
            var account = await t.NewAccountAsync();
            var answer = (await t.NewAccountAsync(account.Key, _ => { })).Is(200);
            answer.Expect(answer.Location == account.Url, $"Location {account.Url} rather than {answer.Location}");
        }),
        Must("RFC 8555 §7.3.1 (2)", "newAccount with a key that has an account does not change it", async t =>
        {
            var account = await t.NewAccountAsync();
            (await t.NewAccountAsync(account.Key, p => p["contact"] = new JsonArray("mailto:other@example.com"))).Is(200);
            var now = (await t.ReadAsync(account, account.Url)).Is(200);
            now.Expect(!now.Object.Has("contact") || now.Object.List("contact").Count == 0, "no contact in the account");
        }),
        Must("RFC 8555 §7.3.1 (3)", "onlyReturnExisting gives 200 and the URL of an account that there is", async t =>
        {
            var account = await t.NewAccountAsync();
            var answer = (await t.PostWithKeyAsync(account.Key, t.Url("newAccount"), """{"onlyReturnExisting":true}""")).Is(200);
            answer.Expect(answer.Location == account.Url, $"Location {account.Url} rather than {answer.Location}");
        }),
        Must("RFC 8555 §7.3.1 (4)", "onlyReturnExisting with a key without account is refused with 400 and accountDoesNotExist", async t =>
            (await t.PostWithKeyAsync(SigningKey.Ec(), t.Url("newAccount"), """{"onlyReturnExisting":true}""")).IsRefusedWith(400, "accountDoesNotExist")),
        Must("RFC 8555 §7.3.1 (5)", "onlyReturnExisting makes no account, even with everything that one needs", async t =>
        {
            var key = SigningKey.Ec();
            (await t.NewAccountAsync(key, p => p["onlyReturnExisting"] = true)).IsRefused("accountDoesNotExist");
            (await t.NewAccountAsync(key, p => p["onlyReturnExisting"] = true)).IsRefused("accountDoesNotExist");
        }),
        Must("RFC 8555 §7.3.1 (6)", "Of equal newAccount requests at the same time one makes the account, and all get its URL", async t =>
        {
            var key = SigningKey.Ec();
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => t.NewAccountAsync(key, _ => { })));
            var urls = answers.Where(a => a.IsSuccess).Select(a => a.Location).Distinct().Count();
            answers[0].Expect(urls == 1 && answers.Count(a => a.Status == 201) == 1, $"one account; there were {urls} URLs and {answers.Count(a => a.Status == 201)} answers 201");
        }),
        Must("RFC 8555 §7.3.2 (1)", "A new contact is taken with 200 and the account", async t =>
        {
            var account = await t.NewAccountAsync();
            var answer = (await t.PostAsync(account, account.Url, """{"contact":["mailto:new@example.com"]}""")).Is(200);
            answer.Expect(answer.Object.Text("status") == "valid", "status valid");
        }),
        Should("RFC 8555 §7.3.2 (2)", "A new contact replaces the former", async t =>
        {
            var account = await t.NewAccountAsync();
            (await t.PostAsync(account, account.Url, """{"contact":["mailto:first@example.com"]}""")).Is(200);
            (await t.PostAsync(account, account.Url, """{"contact":["mailto:second@example.com"]}""")).Is(200);
            var now = (await t.ReadAsync(account, account.Url)).Is(200);
            now.Expect(now.Object.Has("contact") && now.Object.Texts("contact") is ["mailto:second@example.com"], "the second contact alone");
        }),
        Must("RFC 8555 §7.3.2 (3)", "An update of \"orders\" is ignored", async t =>
        {
            var account = await t.NewAccountAsync();
            var answer = (await t.PostAsync(account, account.Url, """{"contact":["mailto:a@example.com"],"orders":"https://elsewhere.example/"}""")).Is(200);
            answer.Expect(answer.Object.OptionalText("orders") != "https://elsewhere.example/", "\"orders\" unchanged");
        }),
        Must("RFC 8555 §7.3.2 (4)", "An update of termsOfServiceAgreed is ignored", async t =>
        {
            var account = await t.NewAccountAsync();
            var answer = (await t.PostAsync(account, account.Url, """{"contact":["mailto:a@example.com"],"termsOfServiceAgreed":false}""")).Is(200);
            answer.Expect(!answer.Object.Has("termsOfServiceAgreed") || answer.Object.Flag("termsOfServiceAgreed"), "the agreement unchanged");
        }),
        Must("RFC 8555 §7.3.2 (5)", "An update of \"status\" other than to deactivated is ignored", async t =>
        {
            var account = await t.NewAccountAsync();
            var answer = (await t.PostAsync(account, account.Url, """{"contact":["mailto:a@example.com"],"status":"revoked"}""")).Is(200);
            answer.Expect(answer.Object.Text("status") == "valid", "status valid");
        }),
        Must("RFC 8555 §7.3.2 (6)", "Members of an update that nobody knows are ignored", async t =>
        {
            var account = await t.NewAccountAsync();
            (await t.PostAsync(account, account.Url, """{"contact":["mailto:a@example.com"],"unheard-of":{"a":1}}""")).Is(200);
        }),
        May("RFC 8555 §7.3.2 (7)", "An empty update is taken", async t =>
        {
            var account = await t.AccountAsync();
            (await t.PostAsync(account, account.Url, "{}")).Is(200);
        }),
        Must("RFC 8555 §7.3.2 (8)", "A contact that cannot be in an update is refused, as in newAccount", async t =>
        {
            var account = await t.NewAccountAsync();
            var answer = await t.PostAsync(account, account.Url, """{"contact":["mailto:nobody"]}""");
            if (!answer.IsSuccess)
                answer.IsRefused("invalidContact");
        }),
        Must("RFC 8555 §7.3.2 (9)", "An account is read by POST-as-GET", async t =>
        {
            var account = await t.NewAccountAsync();
            var answer = (await t.ReadAsync(account, account.Url)).Is(200);
            answer.Expect(answer.Object.Text("status") == "valid", "status valid");
        }),
        Must("RFC 8555 §7.3.2 (10)", "Another account does not change an account", async t =>
        {
            var account = await t.NewAccountAsync();
            var answer = await t.PostAsync(await t.NewAccountAsync(), account.Url, """{"contact":["mailto:thief@example.com"]}""");
            var now = (await t.ReadAsync(account, account.Url)).Is(200);
            answer.Expect(!now.Object.Has("contact") || !now.Object.Texts("contact").Contains("mailto:thief@example.com"), "the account unchanged");
        }),
        Should("RFC 8555 §7.3.2 (12)", "Another account's update of an account is refused", async t =>
            (await t.PostAsync(await t.NewAccountAsync(), (await t.NewAccountAsync()).Url, """{"contact":["mailto:thief@example.com"]}""")).IsRefused("unauthorized")),
        Should("RFC 8555 §7.3.2 (11)", "Another account cannot read an account", async t =>
        {
            var account = await t.NewAccountAsync();
            (await t.ReadAsync(await t.StrangerAsync(), account.Url)).IsRefused("unauthorized");
        }),
        Must("RFC 8555 §7.3.6 (1)", "Deactivation is answered with 200 and the account, deactivated", async t =>
        {
            var answer = (await t.PostAsync(await t.NewAccountAsync(), """{"status":"deactivated"}""")).Is(200);
            answer.Expect(answer.Object.Text("status") == "deactivated", "status deactivated");
        }),
        Must("RFC 8555 §7.3.6 (2)", "A deactivated account's POST-as-GET is refused with 401 and unauthorized", async t =>
        {
            var account = await DeactivatedAsync(t);
            (await t.ReadAsync(account, account.Url)).IsRefusedWith(401, "unauthorized");
        }),
        Must("RFC 8555 §7.3.6 (3)", "A deactivated account's newOrder is refused with 401 and unauthorized", async t =>
            (await t.NewOrderAsync(await DeactivatedAsync(t), await t.NewNameAsync())).IsRefusedWith(401, "unauthorized")),
        Must("RFC 8555 §7.3.6 (4)", "An account cannot be reactivated by an update", async t =>
        {
            var account = await DeactivatedAsync(t);
            (await t.PostAsync(account, """{"status":"valid"}""")).IsRefusedWith(401, "unauthorized");
        }),
        Must("RFC 8555 §7.3.6 (5)", "An account cannot be reactivated by newAccount with its key", async t =>
            (await t.NewAccountAsync((await DeactivatedAsync(t)).Key, _ => { })).IsRefused()),
        Must("RFC 8555 §7.3.6 (6)", "Another account does not deactivate an account", async t =>
        {
            var account = await t.NewAccountAsync();
            await t.PostAsync(await t.NewAccountAsync(), account.Url, """{"status":"deactivated"}""");
            var now = (await t.ReadAsync(account, account.Url)).Is(200);
            now.Expect(now.Object.Text("status") == "valid", "status valid");
        }),
        Must("RFC 8555 §7.3.6 (7)", "The order of a deactivated account cannot be finalized", async t =>
        {
            var account = await t.NewAccountAsync();
            var order = await t.OrderAsync(account);
            (await t.PostAsync(account, """{"status":"deactivated"}""")).Prepared("deactivation");
            (await t.FinalizeAsync(account, order, Csrs.For(order))).IsRefusedWith(401, "unauthorized");
        }));

    private static void RequireTerms(Trial t)
    {
        if (t.Meta is not { } meta || !meta.Has("termsOfService"))
            throw new NotApplicable("the directory has no terms of service");
    }

    private static async Task<Account> DeactivatedAsync(Trial t)
    {
        var account = await t.NewAccountAsync();
        (await t.PostAsync(account, """{"status":"deactivated"}""")).Prepared("deactivation");
        return account;
    }

    private static Task<AcmeAnswer> PostAsync(this Trial t, Account account, string payload) => t.PostAsync(account, account.Url, payload);
}
