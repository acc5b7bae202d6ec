using CaServer.Conformance.Acme;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>http-01 (RFC 8555 §8.3).</summary>
internal static class Http01Cases
{
    private const string Type = "http-01";

    // Nothing listens there; the suite's own address is another.
    private static readonly System.Net.IPAddress s_nobody = System.Net.IPAddress.Parse("127.0.99.99");

    public static readonly Section Section = new("http-01",
        Must("RFC 8555 §8.3 (1)", "The right key authorization proves control", t => ProvesAsync(t, (token, right, _) => t.Http01.Answer(token, right))),
        Must("RFC 8555 §8.3 (2)", "The server asks by GET for /.well-known/acme-challenge/TOKEN at the name", async t =>
        {
            _ = t.Http01;
            var account = await t.NewAccountAsync();
            var (authorization, challenge) = await t.ChallengeAsync(account, Type);
            var token = challenge.Text("token");
            t.Http01.Answer(token, account.Key.KeyAuthorization(token));
            await t.AnswerAsync(account, authorization, challenge);
            var name = authorization.Identifier.Text("value");
            var seen = t.Http01.Seen(token);
            if (seen.Count == 0)
                throw new Nonconformity("expected a request for the token; there was none");
            if (seen.FirstOrDefault(r => r.Method != "GET" || !r.Target.EndsWith($"/.well-known/acme-challenge/{token}", StringComparison.Ordinal) || r.Host?.Split(':')[0] != name) is { } other)
                throw new Nonconformity($"expected GET /.well-known/acme-challenge/{token} with Host {name}; it was {other.Method} {other.Target} with Host {other.Host}");
        }),
        Should("RFC 8555 §8.3 (3)", "White space at the end of the body is ignored", t => ProvesAsync(t, (token, right, _) => t.Http01.Answer(token, right + " \r\n\n"))),
        Should("RFC 8555 §8.3 (4)", "Redirects are followed", t => ProvesAsync(t, (token, right, name) =>
        {
            t.Http01.AnswerAt($"/elsewhere/{token}", right);
            t.Http01.Redirect(token, $"/elsewhere/{token}");
        })),
        Must("RFC 8555 §8.3 (5)", "A wrong body does not prove control", t => FailsAsync(t, (token, _, _) => t.Http01.Answer(token, "wrong"))),
        Must("RFC 8555 §8.3 (6)", "The token alone does not prove control", t => FailsAsync(t, (token, _, _) => t.Http01.Answer(token, token))),
        Must("RFC 8555 §8.3 (7)", "The key authorization of another account does not prove control", async t =>
        {
            var stranger = await t.StrangerAsync();
            await FailsAsync(t, (token, _, _) => t.Http01.Answer(token, stranger.Key.KeyAuthorization(token)));
        }),
        Must("RFC 8555 §8.3 (8)", "The key authorization for another token does not prove control", t =>
            FailsAsync(t, (token, right, _) => t.Http01.Answer(token, $"{new string('A', token.Length)}{right[token.Length..]}"))),
        Must("RFC 8555 §8.3 (9)", "The key authorization with something before it does not prove control", t =>
            FailsAsync(t, (token, right, _) => t.Http01.Answer(token, "x" + right))),
        Must("RFC 8555 §8.3 (10)", "The key authorization with something after it does not prove control", t =>
            FailsAsync(t, (token, right, _) => t.Http01.Answer(token, right + "x"))),
        Should("RFC 8555 §8.3 (11)", "The right body with status 404 does not prove control", t =>
            FailsAsync(t, (token, right, _) => t.Http01.Answer(token, right, status: 404))),
        Must("RFC 8555 §8.3 (12)", "Redirects without end do not prove control", t =>
            FailsAsync(t, (token, _, _) => t.Http01.Redirect(token, $"/.well-known/acme-challenge/{token}"))),
        Should("RFC 8555 §6.7 (2)", "A wrong body is told as unauthorized or incorrectResponse", async t =>
            RequireErrorType(await FailsAsync(t, (token, _, _) => t.Http01.Answer(token, "wrong")), "unauthorized", "incorrectResponse")),
        Should("RFC 8555 §6.7 (3)", "A connection that is refused is told as connection", async t =>
            RequireErrorType(await FailsAtAsync(t, name => t.Dns.SetAddressAsync(name, s_nobody, t.Cancellation)), "connection")),
        Should("RFC 8555 §6.7 (4)", "A name that cannot be looked up is told as dns", async t =>
            RequireErrorType(await FailsAtAsync(t, name => t.Dns.FailAsync(name, t.Cancellation)), "dns")));

    private static async Task ProvesAsync(Trial t, Action<string, string, string> publish)
    {
        var done = await TryAsync(t, publish);
        if (done.Status != "valid")
            throw new Nonconformity($"expected the authorization to get valid; it is {done.Object}");
    }

    private static async Task<Authorization> FailsAsync(Trial t, Action<string, string, string> publish)
    {
        var done = await TryAsync(t, publish);
        return done.Status == "invalid" ? done : throw new Nonconformity($"expected the authorization to get invalid; it is {done.Status}");
    }

    private static async Task<Authorization> TryAsync(Trial t, Action<string, string, string> publish)
    {
        _ = t.Http01;
        var account = await t.NewAccountAsync();
        var (authorization, challenge) = await t.ChallengeAsync(account, Type);
        var token = challenge.Text("token");
        publish(token, account.Key.KeyAuthorization(token), authorization.Identifier.Text("value"));
        return await t.AnswerAsync(account, authorization, challenge);
    }

    private static async Task<Authorization> FailsAtAsync(Trial t, Func<string, Task> spoil)
    {
        _ = t.Dns;
        var account = await t.NewAccountAsync();
        var (authorization, challenge) = await t.ChallengeAsync(account, Type);
        await spoil(authorization.Identifier.Text("value"));
        var done = await t.AnswerAsync(account, authorization, challenge);
        return done.Status == "invalid" ? done : throw new Nonconformity($"expected the authorization to get invalid; it is {done.Status}");
    }

    private static void RequireErrorType(Authorization failed, params string[] types)
    {
        var error = failed.Challenges.First(c => c.Text("status") == "invalid").Object("error");
        var type = error.Text("type");
        if (!types.Any(expected => type == AcmeAnswer.UrnPrefix + expected))
            throw new Nonconformity($"expected an error of type {string.Join(" or ", types)}; it is {error}");
    }
}
