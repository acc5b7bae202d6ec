using System.Text.Json.Nodes;
using CaServer.Conformance.Acme;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>Change of an account's key (RFC 8555 §7.3.5). The first nine numbers are those of the text's own list of checks.</summary>
internal static class KeyChangeCases
{
    public static readonly Section Section = new("Key change",
        Must("RFC 8555 §7.3.5 (1)", "The key of a deactivated account is not changed", async t =>
        {
            var account = await t.NewAccountAsync();
            (await t.PostAsync(account, account.Url, """{"status":"deactivated"}""")).Prepared("deactivation");
            (await ChangeAsync(t, account, SigningKey.Ec())).IsRefusedWith(401, "unauthorized");
        }),
        Must("RFC 8555 §7.3.5 (2)", "A payload that is no JWS is refused", async t =>
            (await t.PostAsync(await t.NewAccountAsync(), t.Url("keyChange"), """{"account":"x"}""")).IsRefused()),
        Must("RFC 8555 §7.3.5 (3)", "An inner JWS without jwk is refused", async t =>
        {
            var account = await t.NewAccountAsync();
            await RefusedAsync(t, account, SigningKey.Ec(), inner =>
            {
                inner.Header.Remove("jwk");
                inner.Header["kid"] = account.Url;
            });
        }),
        Must("RFC 8555 §7.3.5 (4)", "An inner JWS that does not verify with its jwk is refused", async t =>
            await RefusedAsync(t, await t.NewAccountAsync(), SigningKey.Ec(), inner => inner.Key = SigningKey.Ec())),
        Must("RFC 8555 §7.3.5 (5)", "An inner payload that is no key change is refused", async t =>
            await RefusedAsync(t, await t.NewAccountAsync(), SigningKey.Ec(), _ => { }, payload =>
            {
                payload.Remove("account");
                payload.Remove("oldKey");
            })),
        Must("RFC 8555 §7.3.5 (6)", "An inner JWS with another url than the outer is refused", async t =>
            await RefusedAsync(t, await t.NewAccountAsync(), SigningKey.Ec(), inner => inner.Header["url"] = t.Url("newAccount"))),
        Must("RFC 8555 §7.3.5 (7)", "\"account\" of another account is refused", async t =>
        {
            var stranger = await t.StrangerAsync();
            await RefusedAsync(t, await t.NewAccountAsync(), SigningKey.Ec(), _ => { }, payload => payload["account"] = stranger.Url);
        }),
        Must("RFC 8555 §7.3.5 (8)", "\"oldKey\" that is not the account's key is refused", async t =>
            await RefusedAsync(t, await t.NewAccountAsync(), SigningKey.Ec(), _ => { }, payload => payload["oldKey"] = SigningKey.Ec().Jwk)),
        Must("RFC 8555 §7.3.5 (9)", "A new key that another account has is refused", async t =>
        {
            var stranger = await t.StrangerAsync();
            (await ChangeAsync(t, await t.NewAccountAsync(), stranger.Key)).IsRefused();
        }),
        Should("RFC 8555 §7.3.5 (10)", "A new key that another account has is refused with 409 and that account's URL", async t =>
        {
            var stranger = await t.StrangerAsync();
            var answer = (await ChangeAsync(t, await t.NewAccountAsync(), stranger.Key)).IsRefusedWith(409);
            answer.Expect(answer.Location == stranger.Url, $"Location {stranger.Url}");
        }),
        Must("RFC 8555 §7.3.5 (11)", "A right key change is answered with 200", async t =>
            (await ChangeAsync(t, await t.NewAccountAsync(), SigningKey.Ec())).Is(200)),
        Must("RFC 8555 §7.3.5 (12)", "After it the new key signs for the account", async t =>
        {
            var changed = await ChangedAsync(t, await t.NewAccountAsync(), SigningKey.Ec());
            (await t.ReadAsync(changed, changed.Url)).Is(200);
        }),
        Must("RFC 8555 §7.3.5 (13)", "After it the old key signs for nobody", async t =>
        {
            var account = await t.NewAccountAsync();
            await ChangedAsync(t, account, SigningKey.Ec());
            (await t.ReadAsync(account, account.Url)).IsRefused();
        }),
        Must("RFC 8555 §7.3.5 (14)", "After it the new key finds the account, and the old none", async t =>
        {
            var account = await t.NewAccountAsync();
            var changed = await ChangedAsync(t, account, SigningKey.Ec());
            var found = (await t.PostWithKeyAsync(changed.Key, t.Url("newAccount"), """{"onlyReturnExisting":true}""")).Is(200);
            found.Expect(found.Location == account.Url, $"Location {account.Url}");
            (await t.PostWithKeyAsync(account.Key, t.Url("newAccount"), """{"onlyReturnExisting":true}""")).IsRefused("accountDoesNotExist");
        }),
        Must("RFC 8555 §7.3.5 (15)", "A key is changed to one of another kind", async t =>
        {
            var changed = await ChangedAsync(t, await t.NewAccountAsync(), SigningKey.Ec384());
            (await t.ReadAsync(changed, changed.Url)).Is(200);
        }),
        Must("RFC 8555 §7.3.5 (16)", "Pending orders and authorizations survive it", async t =>
        {
            var account = await t.NewAccountAsync();
            var order = await t.OrderAsync(account);
            var changed = await ChangedAsync(t, account, SigningKey.Ec());
            var read = (await t.ReadAsync(changed, order.Url)).Is(200);
            read.Expect(read.Object.Text("status") == "pending", "status pending");
            var authorization = (await t.ReadAsync(changed, order.Object.Texts("authorizations")[0])).Is(200);
            authorization.Expect(authorization.Object.Text("status") == "pending", "status pending");
        }),
        Must("RFC 8555 §7.3.5 (17)", "An order that was begun before it is completed after it", async t =>
        {
            t.RequireProofs();
            var account = await t.NewAccountAsync();
            var order = await t.OrderAsync(account);
            var changed = await ChangedAsync(t, account, SigningKey.Ec());
            var ready = await t.MakeReadyAsync(changed, order);
            (await t.FinalizeAsync(changed, ready, Csrs.For(ready))).Is(200);
        }),
        Must("RFC 8555 §7.3.5 (18)", "A key change without the outer account's signature is refused", async t =>
        {
            var account = await t.NewAccountAsync();
            var fresh = SigningKey.Ec();
            (await ChangeAsync(t, account, fresh, outer: request => request.Key = fresh)).IsRefused();
        }),
        May("RFC 8555 §7.3.5 (19)", "An inner JWS with a nonce is refused", async t =>
        {
            var nonce = await t.FreshNonceAsync();
            await RefusedAsync(t, await t.NewAccountAsync(), SigningKey.Ec(), inner => inner.Header["nonce"] = nonce);
        }),
        Must("RFC 8555 §7.3.5 (20)", "An inner JWS with a MAC instead of a signature is refused", async t =>
            await RefusedAsync(t, await t.NewAccountAsync(), SigningKey.Ec(), inner =>
            {
                inner.Header["alg"] = "HS256";
                inner.Signature = input => System.Security.Cryptography.HMACSHA256.HashData("secret"u8, input);
            })),
        Must("RFC 8555 §7.3.5 (21)", "A change to the key that the account has is refused", async t =>
        {
            var account = await t.NewAccountAsync();
            (await ChangeAsync(t, account, account.Key)).IsRefused();
        }));

    /// <summary>keyChange; the inner JWS and its payload are right but for the changes.</summary>
    public static Task<AcmeAnswer> ChangeAsync(
        Trial t, Account account, SigningKey fresh, Action<JwsRequest>? inner = null, Action<JsonObject>? payload = null, Action<JwsRequest>? outer = null)
    {
        var url = t.Url("keyChange");
        var change = new JsonObject { ["account"] = account.Url, ["oldKey"] = account.Key.Jwk };
        payload?.Invoke(change);
        var request = new JwsRequest(fresh, new JsonObject { ["alg"] = fresh.Algorithm, ["jwk"] = fresh.Jwk, ["url"] = url }, change.ToJsonString());
        inner?.Invoke(request);
        return t.PostAsync(account, url, request.Sign().ToJsonString(), outer);
    }

    private static async Task<Account> ChangedAsync(Trial t, Account account, SigningKey fresh)
    {
        (await ChangeAsync(t, account, fresh)).Prepared("the key change");
        return account with { Key = fresh };
    }

    // A refusal counts only if the key is still the old one.
    private static async Task RefusedAsync(Trial t, Account account, SigningKey fresh, Action<JwsRequest> inner, Action<JsonObject>? payload = null)
    {
        (await ChangeAsync(t, account, fresh, inner, payload)).IsRefused();
        var observed = await t.ReadAsync(account, account.Url);
        observed.Expect(observed.IsSuccess, "the old key to be good still");
    }
}
