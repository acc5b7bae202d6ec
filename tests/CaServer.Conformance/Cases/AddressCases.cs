using CaServer.Conformance.Acme;
using CaServer.Conformance.Challenges;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>Addresses as identifiers (RFC 8738), which a server may take.</summary>
internal static class AddressCases
{
    public static readonly Section Section = new("Addresses",
        Must("RFC 8738 §3 (2)", "An order for an address has an authorization for it", async t =>
        {
            var (account, address, order) = await OrderAsync(t);
            var identifier = (await t.AuthorizationsAsync(account, order))[0].Identifier;
            if (identifier.Text("type") != "ip" || identifier.Text("value") != $"{address}")
                throw new Nonconformity($"expected the identifier {address}; it is {identifier}");
        }),
        Must("RFC 8738 §7 (1)", "dns-01 is not offered for an address", async t =>
        {
            var (account, _, order) = await OrderAsync(t);
            if ((await t.AuthorizationsAsync(account, order))[0].Find("dns-01") is not null)
                throw new Nonconformity("expected no dns-01");
        }),
        Must("RFC 8738 §5 (1)", "http-01 proves control, and the server asks with the address as Host", async t =>
        {
            _ = t.Http01;
            var (account, address, order) = await OrderAsync(t);
            var (authorization, challenge) = await ChallengeAsync(t, account, order, "http-01");
            var token = challenge.Text("token");
            t.Http01.Answer(token, account.Key.KeyAuthorization(token));
            await RequireValidAsync(t, account, authorization, challenge);
            var seen = t.Http01.Seen(token);
            if (seen.Count == 0 || seen.Any(r => HostOf(r.Host) != $"{address}"))
                throw new Nonconformity($"expected requests with Host {address}; there was {(seen.Count == 0 ? "none" : seen[0].Host)}");
        }),
        Must("RFC 8738 §6 (1)", "tls-alpn-01 proves control, asked for by the name in the reverse zone", async t =>
        {
            _ = t.TlsAlpn01;
            var (account, address, order) = await OrderAsync(t);
            var (authorization, challenge) = await ChallengeAsync(t, account, order, "tls-alpn-01");
            var right = account.Key.KeyAuthorization(challenge.Text("token"));
            t.TlsAlpn01.Answer(ChallengeCertificate.ReverseName(address), ChallengeCertificate.For($"{address}", right));
            await RequireValidAsync(t, account, authorization, challenge);
        }),
        Must("RFC 8738 §3 (3)", "A certificate for an address has it as an address, and no name", async t =>
        {
            _ = t.Http01;
            var (account, address, order) = await OrderAsync(t);
            var issued = await t.IssueAsync(account, await t.MakeReadyAsync(account, order));
            issued.Answer.Expect(issued.Addresses is [var only] && only == $"{address}" && issued.DnsNames.Count == 0, $"{address} alone");
        }),
        Must("RFC 8738 §3 (4)", "An address with a prefix length is refused", t => RefusedAsync(t, "192.0.2.0/24")),
        Must("RFC 8738 §3 (5)", "An address with a port is refused", t => RefusedAsync(t, "192.0.2.1:443")),
        Must("RFC 8738 §3 (6)", "A name as an identifier of type ip is refused", t => RefusedAsync(t, "a.example.com")),
        Must("RFC 8738 §3 (7)", "An IPv6 address in brackets is refused", t => RefusedAsync(t, "[2001:db8::1]")),
        Should("RFC 8738 §3 (8)", "An IPv6 address that is not in the form of RFC 5952 is refused", t => RefusedAsync(t, "2001:0DB8:0:0:0:0:0:1")),
        Should("RFC 8738 §3 (9)", "An IPv4 address with leading zeros is refused", t => RefusedAsync(t, "192.000.002.001")));

    private static async Task<(Account Account, System.Net.IPAddress Address, Order Order)> OrderAsync(Trial t)
    {
        var address = t.Server.Target.Address ?? throw new NotApplicable("no address to order: give --ip");
        // Each with an account of its own, so that no authorization is used again.
        var account = await t.NewAccountAsync();
        var answer = await t.NewOrderAsync(account, [("ip", $"{address}")], _ => { });
        if (answer.ProblemType is "unsupportedIdentifier" or "rejectedIdentifier")
            throw new NotApplicable("the server takes no addresses");
        return (account, address, Order.Of(answer));
    }

    private static async Task<(Authorization Authorization, AcmeObject Challenge)> ChallengeAsync(Trial t, Account account, Order order, string type)
    {
        var authorization = (await t.AuthorizationsAsync(account, order))[0];
        return (authorization, authorization.Find(type) ?? throw new NotApplicable($"the server does not offer {type} for addresses"));
    }

    private static async Task RequireValidAsync(Trial t, Account account, Authorization authorization, AcmeObject challenge)
    {
        var done = await t.AnswerAsync(account, authorization, challenge);
        if (done.Status != "valid")
            throw new Nonconformity($"expected the authorization to get valid; it is {done.Object}");
    }

    private static async Task RefusedAsync(Trial t, string bad)
    {
        _ = t.Server.Target.Address ?? throw new NotApplicable("no address to order: give --ip");
        (await t.NewOrderAsync(await t.AccountAsync(), [("ip", bad)], _ => { })).IsRefused("malformed", "rejectedIdentifier", "unsupportedIdentifier");
    }

    private static string? HostOf(string? host) => host is null ? null : Uri.TryCreate($"http://{host}", UriKind.Absolute, out var url) ? url.Host.Trim('[', ']') : host;
}
