using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CaServer.Conformance.Acme;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>Replay protection (RFC 8555 §6.5, §7.2).</summary>
internal static class NonceCases
{
    public static readonly Section Section = new("Nonces",
        Must("RFC 8555 §7.2 (1)", "HEAD of newNonce gives a nonce in Replay-Nonce", async t =>
        {
            var answer = (await t.SendAsync(HttpMethod.Head, t.Url("newNonce"))).Succeeded();
            answer.Expect(answer.Nonce is not null, "a Replay-Nonce header");
        }),
        Should("RFC 8555 §7.2 (2)", "HEAD of newNonce is answered with 200", async t =>
            (await t.SendAsync(HttpMethod.Head, t.Url("newNonce"))).Is(200)),
        Must("RFC 8555 §7.2 (3)", "GET of newNonce is answered with 204, a nonce and no body", async t =>
        {
            var answer = (await t.GetAsync(t.Url("newNonce"))).Is(204);
            answer.Expect(answer.Nonce is not null, "a Replay-Nonce header").Expect(answer.Body.Length == 0, "no body");
        }),
        Must("RFC 8555 §7.2 (4)", "Answers of newNonce forbid caching (Cache-Control: no-store)", async t =>
        {
            foreach (var method in new[] { HttpMethod.Head, HttpMethod.Get })
            {
                var answer = await t.SendAsync(method, t.Url("newNonce"));
                answer.Expect(answer.Headers("Cache-Control").Any(v => v.Contains("no-store", StringComparison.OrdinalIgnoreCase)), "Cache-Control: no-store");
            }
        }),
        Must("RFC 8555 §6.3 (2)", "newNonce also answers POST-as-GET with a nonce", async t =>
        {
            var answer = (await t.ReadAsync(await t.AccountAsync(), t.Url("newNonce"))).Succeeded();
            answer.Expect(answer.Nonce is not null, "a Replay-Nonce header");
        }),
        Must("RFC 8555 §6.5.1 (1)", "Nonces are base64url without padding", async t =>
        {
            var nonce = await t.FreshNonceAsync();
            if (nonce.Length == 0 || !nonce.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                throw new Nonconformity($"expected only characters of base64url; the nonce is \"{nonce}\"");
        }),
        OverTraffic(Level.Must, "RFC 8555 §6.5 (1)", "No nonce is given out twice", traffic =>
        {
            var twice = traffic.Answers.Select(a => a.Nonce).OfType<string>().GroupBy(n => n).Where(g => g.Count() > 1).Select(g => g.Key).ToArray();
            if (twice.Length > 0)
                throw new Nonconformity($"expected different nonces; {twice.Length} were given out more than once, such as {twice[0]}");
        }),
        OverTraffic(Level.Must, "RFC 8555 §6.5 (2)", "Every successful answer to a POST has a new nonce", traffic =>
            traffic.All(a => a is { Method: "POST", IsSuccess: true }, a => a.Nonce is not null, "a Replay-Nonce header")),
        OverTraffic(Level.Should, "RFC 8555 §6.5 (3)", "Every error answer to a POST has a new nonce", traffic =>
            traffic.All(a => a is { Method: "POST", IsSuccess: false }, a => a.Nonce is not null, "a Replay-Nonce header")),
        Must("RFC 8555 §6.5 (4)", "A nonce that was used is refused with badNonce and 400", async t =>
        {
            var account = await t.AccountAsync();
            var nonce = await t.FreshNonceAsync();
            (await WithNonceAsync(t, account, nonce)).Prepared("the first use of the nonce");
            (await WithNonceAsync(t, account, nonce)).IsRefusedWith(400, "badNonce");
        }),
        Must("RFC 8555 §6.5 (5)", "Of requests with the same nonce at the same time, at most one succeeds", async t =>
        {
            var account = await t.AccountAsync();
            var nonce = await t.FreshNonceAsync();
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => WithNonceAsync(t, account, nonce)));
            var successes = answers.Count(answer => answer.IsSuccess);
            if (successes > 1)
                throw new Nonconformity($"expected one success; the nonce was taken {successes} times");
        }),
        Must("RFC 8555 §6.5 (6)", "A made-up nonce is refused with badNonce and 400", async t =>
            (await WithNonceAsync(t, await t.AccountAsync(), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)))).IsRefusedWith(400, "badNonce")),
        Must("RFC 8555 §6.5 (7)", "A request without a nonce is refused with badNonce and 400", async t =>
            (await t.PostAsync(await t.AccountAsync(), (await t.AccountAsync()).Url, "", request =>
            {
                request.Header.Remove("nonce");
                request.IsRetried = false;
            })).IsRefusedWith(400, "badNonce")),
        Must("RFC 8555 §6.5 (8)", "An answer of type badNonce has a nonce with which the request then succeeds", async t =>
        {
            var account = await t.AccountAsync();
            var refused = (await WithNonceAsync(t, account, "AAAAAAAAAAAAAAAAAAAAAA")).IsRefused("badNonce");
            refused.Expect(refused.Nonce is not null, "a Replay-Nonce header");
            (await WithNonceAsync(t, account, refused.Nonce!)).Is(200);
        }),
        Must("RFC 8555 §6.5.2 (1)", "A nonce that is not base64url is refused as malformed", async t =>
            (await WithNonceAsync(t, await t.AccountAsync(), "not/base64url+at=all")).IsRefused("malformed")),
        Must("RFC 8555 §6.5.2 (2)", "A nonce that is not a string is refused", async t =>
            (await WithNonceAsync(t, await t.AccountAsync(), 7)).IsRefused("malformed", "badNonce")),
        Must("RFC 8555 §6.5 (9)", "A nonce that came with an error is good", async t =>
        {
            var account = await t.AccountAsync();
            var error = (await t.PostAsync(account, t.Url("newOrder"), "{}", request => request.IsRetried = false)).IsRefused();
            var nonce = error.Nonce ?? throw new NotApplicable("the error came without a nonce");
            (await WithNonceAsync(t, account, nonce)).Is(200);
        }));

    private static Task<AcmeAnswer> WithNonceAsync(Trial t, Account account, JsonNode nonce) =>
        t.PostAsync(account, account.Url, "", request =>
        {
            request.Header["nonce"] = nonce.DeepClone();
            request.IsRetried = false;
        });
}
