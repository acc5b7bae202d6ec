using CaServer.Conformance.Challenges;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>dns-01 (RFC 8555 §8.4), and wildcards, which are proved by it.</summary>
internal static class Dns01Cases
{
    private const string Type = "dns-01";

    public static readonly Section Section = new("dns-01 and wildcards",
        Must("RFC 8555 §8.4 (1)", "The right TXT record proves control", t => ProvesAsync(t, (record, right, _) => t.Dns.AddTextAsync(record, right, t.Cancellation))),
        Must("RFC 8555 §8.4 (2)", "Among several TXT records one right one proves control", t => ProvesAsync(t, async (record, right, _) =>
        {
            await t.Dns.AddTextAsync(record, "something else", t.Cancellation);
            await t.Dns.AddTextAsync(record, right, t.Cancellation);
            await t.Dns.AddTextAsync(record, "v=spf1 -all", t.Cancellation);
        })),
        Should("RFC 8555 §8.4 (3)", "An alias (CNAME) of the record's name is followed", t => ProvesAsync(t, async (record, right, _) =>
        {
            var elsewhere = $"alias-{await t.NewNameAsync()}";
            await t.Dns.AddTextAsync(elsewhere, right, t.Cancellation);
            await t.Dns.SetAliasAsync(record, elsewhere, t.Cancellation);
        })),
        Must("RFC 8555 §8.4 (4)", "A wrong TXT record does not prove control", t => FailsAsync(t, (record, right, _) => t.Dns.AddTextAsync(record, right[..^1], t.Cancellation))),
        Must("RFC 8555 §8.4 (5)", "No TXT record does not prove control", t => FailsAsync(t, (_, _, _) => Task.CompletedTask)),
        Must("RFC 8555 §8.4 (6)", "The key authorization itself, not its digest, does not prove control", t =>
            FailsAsync(t, (record, _, plain) => t.Dns.AddTextAsync(record, plain, t.Cancellation))),
        Must("RFC 8555 §8.4 (7)", "The digest with padding does not prove control", t =>
            FailsAsync(t, (record, right, _) => t.Dns.AddTextAsync(record, right + "=", t.Cancellation))),
        Must("RFC 8555 §8.4 (8)", "The record at the name itself does not prove control", t =>
            FailsAsync(t, (record, right, _) => t.Dns.AddTextAsync(record["_acme-challenge.".Length..], right, t.Cancellation))),
        Must("RFC 8555 §8.4 (9)", "The digest of another account's key authorization does not prove control", async t =>
        {
            var stranger = await t.StrangerAsync();
            await FailsAsync(t, (record, _, plain) =>
                t.Dns.AddTextAsync(record, DnsRecords.Digest(stranger.Key.KeyAuthorization(plain.Split('.')[0])), t.Cancellation));
        }),
        Must("RFC 8555 §7.1.4 (5)", "The authorization of a wildcard is for the name below it and says that it is a wildcard", async t =>
        {
            var (account, name, order) = await WildcardAsync(t);
            var authorization = (await t.AuthorizationsAsync(account, order))[0];
            if (authorization.Identifier.Text("value") != name || !authorization.IsWildcard)
                throw new Nonconformity($"expected the identifier {name} and wildcard true; it is {authorization.Object}");
        }),
        Must("RFC 8555 §7.1.3 (6)", "The order of a wildcard has the wildcard as its identifier", async t =>
        {
            var (_, name, order) = await WildcardAsync(t);
            if (order.Names is not [var only] || only != $"*.{name}")
                throw new Nonconformity($"expected *.{name}; it is {string.Join(", ", order.Names)}");
        }),
        Must("RFC 8555 §7.1.3 (7)", "A certificate for a wildcard has it, and nothing else", async t =>
        {
            _ = t.Dns;
            var (account, name, order) = await WildcardAsync(t);
            var certificate = await t.IssueAsync(account, await MakeReadyByDnsAsync(t, account, order));
            if (certificate.DnsNames is not [var only] || only != $"*.{name}")
                throw new Nonconformity($"expected *.{name}; the certificate is for {string.Join(", ", certificate.DnsNames)}");
        }),
        Must("RFC 8555 §7.1.3 (8)", "A name and its wildcard in one order have an authorization each", async t =>
        {
            var account = await t.NewAccountAsync();
            var name = await t.NewNameAsync();
            var answer = RequireWildcards(await t.NewOrderAsync(account, name, $"*.{name}"));
            var authorizations = await t.AuthorizationsAsync(account, Order.Of(answer));
            if (authorizations.Count != 2 || authorizations.Count(a => a.IsWildcard) != 1)
                throw new Nonconformity($"expected one authorization for the name and one for the wildcard; there are {authorizations.Count}");
        }),
        Must("RFC 8555 §7.1.3 (9)", "A name and its wildcard are proved by two records at the same name", async t =>
        {
            _ = t.Dns;
            var account = await t.NewAccountAsync();
            var name = await t.NewNameAsync();
            var order = Order.Of(RequireWildcards(await t.NewOrderAsync(account, name, $"*.{name}")));
            await MakeReadyByDnsAsync(t, account, order);
        }),
        Must("RFC 8555 §7.1.3 (10)", "A wildcard within a name is refused", t => RefusedAsync(t, name => $"a.*.{name}")),
        Must("RFC 8555 §7.1.3 (11)", "A wildcard of a wildcard is refused", t => RefusedAsync(t, name => $"*.*.{name}")),
        Must("RFC 8555 §7.1.3 (12)", "A part of a label as a wildcard is refused", t => RefusedAsync(t, name => $"a*.{name}")),
        Must("RFC 8555 §7.1.3 (13)", "A wildcard alone is refused", t => RefusedAsync(t, _ => "*")));

    private static async Task ProvesAsync(Trial t, Func<string, string, string, Task> publish)
    {
        var done = await TryAsync(t, publish);
        if (done.Status != "valid")
            throw new Nonconformity($"expected the authorization to get valid; it is {done.Object}");
    }

    private static async Task FailsAsync(Trial t, Func<string, string, string, Task> publish)
    {
        var done = await TryAsync(t, publish);
        if (done.Status != "invalid")
            throw new Nonconformity($"expected the authorization to get invalid; it is {done.Status}");
    }

    // The publisher is given the record's name, the right text and the key authorization.
    private static async Task<Authorization> TryAsync(Trial t, Func<string, string, string, Task> publish)
    {
        _ = t.Dns;
        var account = await t.NewAccountAsync();
        var (authorization, challenge) = await t.ChallengeAsync(account, Type);
        var plain = account.Key.KeyAuthorization(challenge.Text("token"));
        await publish($"_acme-challenge.{authorization.Identifier.Text("value")}", DnsRecords.Digest(plain), plain);
        return await t.AnswerAsync(account, authorization, challenge);
    }

    private static async Task<(Account Account, string Name, Order Order)> WildcardAsync(Trial t)
    {
        var account = await t.NewAccountAsync();
        var name = await t.NewNameAsync();
        return (account, name, Order.Of(RequireWildcards(await t.NewOrderAsync(account, $"*.{name}"))));
    }

    private static Acme.AcmeAnswer RequireWildcards(Acme.AcmeAnswer answer) =>
        answer.ProblemType is "rejectedIdentifier" or "unsupportedIdentifier" ? throw new NotApplicable("the server takes no wildcards") : answer;

    private static async Task<Order> MakeReadyByDnsAsync(Trial t, Account account, Order order)
    {
        foreach (var authorization in await t.AuthorizationsAsync(account, order))
        {
            var challenge = authorization.Find(Type) ?? throw new NotApplicable($"the server does not offer {Type}");
            await t.Dns.AddTextAsync(
                $"_acme-challenge.{authorization.Identifier.Text("value")}", DnsRecords.Digest(account.Key.KeyAuthorization(challenge.Text("token"))), t.Cancellation);
        }
        foreach (var authorization in await t.AuthorizationsAsync(account, order))
        {
            var done = await t.AnswerAsync(account, authorization, authorization.Find(Type)!.Value);
            if (done.Status != "valid")
                throw new Nonconformity($"expected the authorization to get valid; it is {done.Object}");
        }
        return order with { Object = await t.PollAsync(account, order.Url, "pending") };
    }

    private static async Task RefusedAsync(Trial t, Func<string, string> bad) =>
        (await t.NewOrderAsync(await t.AccountAsync(), bad(await t.NewNameAsync()))).IsRefused("malformed", "rejectedIdentifier", "unsupportedIdentifier");
}
