using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>Methods, problem documents and links (RFC 8555 §6.3, §6.7, §7.1), most of them over all that was seen in the run.</summary>
internal static class ErrorCases
{
    private static readonly HashSet<string> s_registered =
    [
        "accountDoesNotExist", "alreadyRevoked", "badCSR", "badNonce", "badPublicKey", "badRevocationReason", "badSignatureAlgorithm", "caa", "compound",
        "connection", "dns", "externalAccountRequired", "incorrectResponse", "invalidContact", "malformed", "orderNotReady", "rateLimited",
        "rejectedIdentifier", "serverInternal", "tls", "unauthorized", "unsupportedContact", "unsupportedIdentifier", "userActionRequired",
        // RFC 8739, RFC 9115, RFC 9447 ff., RFC 9773, draft-ietf-acme-profiles, RFC 9799.
        "autoRenewalCanceled", "autoRenewalExpired", "autoRenewalCancellationInvalid", "autoRenewalRevocationNotSupported", "unknownDelegation",
        "alreadyReplaced", "invalidProfile", "onionCAARequired",
    ];

    public static readonly Section Section = new("Methods and errors",
        Must("RFC 8555 §6.3 (3)", "GET of an account is refused with 405 and malformed", async t =>
            (await t.GetAsync((await t.AccountAsync()).Url)).IsRefusedWith(405, "malformed")),
        Must("RFC 8555 §6.3 (4)", "GET of an order is refused with 405 and malformed", async t =>
            (await t.GetAsync((await t.OrderAsync(await t.AccountAsync())).Url)).IsRefusedWith(405, "malformed")),
        Must("RFC 8555 §6.3 (5)", "GET of an authorization is refused with 405 and malformed", async t =>
            (await t.GetAsync((await t.AuthorizationAsync(await t.AccountAsync())).Url)).IsRefusedWith(405, "malformed")),
        Must("RFC 8555 §6.3 (6)", "GET of a challenge is refused with 405 and malformed", async t =>
            (await t.GetAsync((await t.AuthorizationAsync(await t.AccountAsync())).Challenges[0].Url("url"))).IsRefusedWith(405, "malformed")),
        Must("RFC 8555 §6.3 (7)", "GET of a certificate is refused with 405 and malformed", async t =>
            (await t.GetAsync((await t.IssueAsync(await t.AccountAsync())).Url)).IsRefusedWith(405, "malformed")),
        Must("RFC 8555 §6.3 (8)", "GET of newAccount, newOrder, revokeCert and keyChange is refused with 405 and malformed", async t =>
        {
            foreach (var resource in new[] { "newAccount", "newOrder", "revokeCert", "keyChange" })
                (await t.GetAsync(t.Url(resource))).IsRefusedWith(405, "malformed");
        }),
        May("RFC 8555 §6.3 (9)", "A payload {} is not taken for POST-as-GET of an order", async t =>
        {
            var account = await t.AccountAsync();
            (await t.PostAsync(account, (await t.OrderAsync(account)).Url, "{}")).IsRefused("malformed");
        }),
        May("RFC 8555 §10.5 (1)", "A request of a mebibyte is refused", async t =>
        {
            var account = await t.AccountAsync();
            try
            {
                (await t.PostAsync(account, t.Url("newOrder"), $$"""{"identifiers":[{"type":"dns","value":"{{new string('a', 1 << 20)}}"}]}""")).IsRefused();
            }
            catch (HttpRequestException)
            {
                // The server closed the connection before it had read everything, which is a refusal too.
            }
        }),
        Must("RFC 8555 §6.7 (5)", "JSON that is nested a thousand deep gets an answer that is no server error", async t =>
        {
            var account = await t.AccountAsync();
            (await t.PostAsync(account, t.Url("newOrder"), $$"""{"identifiers":{{new string('[', 1000)}}{{new string(']', 1000)}}}""")).IsRefused();
        }),
        OverTraffic(Level.Must, "RFC 8555 §6.7 (6)", "Problem types below urn:ietf:params:acme:error: are registered ones", traffic =>
            traffic.All(
                answer => answer.ProblemType is { } type && !type.Contains(':', StringComparison.Ordinal), answer => s_registered.Contains(answer.ProblemType!), "a registered type")),
        OverTraffic(Level.Should, "RFC 8555 §6.7 (7)", "Errors come as problem documents (application/problem+json)", traffic =>
            traffic.All(
                answer => answer.Status >= 400 && answer.Method != "HEAD", answer => answer.MediaType == "application/problem+json" && answer.ProblemType is not null, "application/problem+json with a type")),
        OverTraffic(Level.Should, "RFC 8555 §6.7 (8)", "Problem documents have a detail", traffic =>
            traffic.All(
                answer => answer.ProblemType is not null, answer => answer.Object.Has("detail") && answer.Object.Text("detail").Length > 0, "a detail")),
        OverTraffic(Level.Should, "RFC 8555 §6.7 (9)", "Nothing that the suite sent led to a server error (5xx)", traffic =>
            traffic.All(_ => true, answer => answer.Status < 500, "no server error")),
        OverTraffic(Level.Should, "RFC 8555 §7.1 (2)", "Answers to POST link to the directory (Link rel=\"index\")", traffic =>
            traffic.All(
                answer => answer is { Method: "POST", IsSuccess: true, IsDirectory: false }, answer => answer.Links("index").Count > 0, "a Link with rel=\"index\"")));
}
