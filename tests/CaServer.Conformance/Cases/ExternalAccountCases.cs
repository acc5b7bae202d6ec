using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CaServer.Conformance.Acme;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>External account binding (RFC 8555 §7.3.4). The first five numbers are those of the text's own list of steps.</summary>
internal static class ExternalAccountCases
{
    private const string Member = "externalAccountBinding";

    public static readonly Section Section = new("External account binding",
        Must("RFC 8555 §7.3.4 (1)", "A binding that is no JWS is refused", async t =>
            (await BindAsync(t, (_, _) => new JsonObject { ["protected"] = "e30" })).IsRefused()),
        Must("RFC 8555 §7.3.4 (2)", "A binding whose url is not the outer one's is refused", async t =>
            (await BindAsync(t, (key, account) => t.Binding(key, account, header => header["url"] = t.Url("newOrder")))).IsRefused()),
        Must("RFC 8555 §7.3.4 (3)", "A binding whose kid the CA does not know is refused", async t =>
            (await BindAsync(t, (key, account) => t.Binding(key with { Kid = "nobody-0123456789" }, account))).IsRefused()),
        Must("RFC 8555 §7.3.4 (4)", "A binding whose MAC does not verify is refused", async t =>
            (await BindAsync(t, (key, account) => t.Binding(key with { MacKey = RandomNumberGenerator.GetBytes(32) }, account))).IsRefused()),
        Must("RFC 8555 §7.3.4 (5)", "A binding for another key than the outer one's is refused", async t =>
            (await BindAsync(t, (key, account) => t.Binding(key, account, payload: SigningKey.Ec().Jwk.ToJsonString()))).IsRefused()),
        Must("RFC 8555 §7.3.4 (6)", "A right binding is taken", async t =>
            (await BindAsync(t, (key, account) => t.Binding(key, account))).Is(201)),
        Must("RFC 8555 §7.3.4 (7)", "The account shows the binding as it was sent", async t =>
        {
            JsonObject? sent = null;
            var answer = (await BindAsync(t, (key, account) => sent = t.Binding(key, account))).Is(201);
            answer.Expect(JsonNode.DeepEquals(JsonNode.Parse(answer.Object.Object(Member).Json.GetRawText()), sent), "the binding as it was sent");
        }),
        Must("RFC 8555 §7.3.4 (8)", "A binding with a signature instead of a MAC is refused", async t =>
            (await BindAsync(t, (key, account) => t.Binding(key, account, header => header["alg"] = "ES256", mac: account.Sign))).IsRefused()),
        Must("RFC 8555 §7.3.4 (9)", "A binding with alg \"none\" is refused", async t =>
            (await BindAsync(t, (key, account) => t.Binding(key, account, header => header["alg"] = "none", mac: _ => []))).IsRefused()),
        Must("RFC 8555 §7.3.4 (10)", "A binding with a nonce is refused", async t =>
        {
            var nonce = await t.FreshNonceAsync();
            (await BindAsync(t, (key, account) => t.Binding(key, account, header => header["nonce"] = nonce))).IsRefused();
        }),
        Must("RFC 8555 §7.3.4 (11)", "A binding without url is refused", async t =>
            (await BindAsync(t, (key, account) => t.Binding(key, account, header => header.Remove("url")))).IsRefused()),
        Must("RFC 8555 §7.3.4 (12)", "A binding without kid is refused", async t =>
            (await BindAsync(t, (key, account) => t.Binding(key, account, header => header.Remove("kid")))).IsRefused()),
        Must("RFC 8555 §7.3.4 (13)", "A binding whose MAC was cut short is refused", async t =>
            (await BindAsync(t, (key, account) => t.Binding(key, account, mac: input => HMACSHA256.HashData(key.MacKey, input)[..16]))).IsRefused()),
        Must("RFC 8555 §7.3.4 (14)", "Where a binding is required, newAccount without one is refused", async t =>
        {
            RequireBinding(t);
            (await t.NewAccountAsync(SigningKey.Ec(), payload => payload.Remove(Member))).IsRefused();
        }),
        Should("RFC 8555 §7.3.4 (15)", "Where a binding is required, newAccount without one is refused with externalAccountRequired", async t =>
        {
            RequireBinding(t);
            (await t.NewAccountAsync(SigningKey.Ec(), payload => payload.Remove(Member))).IsRefused("externalAccountRequired");
        }),
        Must("RFC 8555 §7.1.2 (2)", "An update does not change the binding", async t =>
        {
            JsonObject? sent = null;
            var key = SigningKey.Ec();
            var created = await BindAsync(t, (external, account) => sent = t.Binding(external, account), key);
            var account = new Account(key, created.Prepared("newAccount").Location!);
            var answer = await t.PostAsync(account, account.Url, """{"contact":["mailto:a@example.com"],"externalAccountBinding":{"protected":"","payload":"","signature":""}}""");
            if (answer.IsSuccess)
                answer.Expect(JsonNode.DeepEquals(JsonNode.Parse(answer.Object.Object(Member).Json.GetRawText()), sent), "the binding unchanged");
            else
                answer.IsRefused();
        }),
        May("RFC 8555 §7.3.4 (16)", "HS384 is understood", async t =>
            (await BindAsync(t, (key, account) => t.Binding(key, account, header => header["alg"] = "HS384", mac: input => HMACSHA384.HashData(key.MacKey, input)))).Is(201)),
        May("RFC 8555 §7.3.4 (17)", "HS512 is understood", async t =>
            (await BindAsync(t, (key, account) => t.Binding(key, account, header => header["alg"] = "HS512", mac: input => HMACSHA512.HashData(key.MacKey, input)))).Is(201)));

    private static Task<AcmeAnswer> BindAsync(Trial t, Func<ExternalKey, SigningKey, JsonObject> binding, SigningKey? account = null)
    {
        var external = t.Server.Target.ExternalKey ?? throw new NotApplicable("no external account: give --eab-kid and --eab-key");
        account ??= SigningKey.Ec();
        return t.NewAccountAsync(account, payload => payload[Member] = binding(external, account));
    }

    private static void RequireBinding(Trial t)
    {
        if (!t.IsBindingRequired)
            throw new NotApplicable("the server does not require a binding");
    }
}
