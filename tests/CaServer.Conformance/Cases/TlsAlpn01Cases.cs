using CaServer.Conformance.Challenges;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>tls-alpn-01 (RFC 8737).</summary>
internal static class TlsAlpn01Cases
{
    private const string Type = "tls-alpn-01";

    public static readonly Section Section = new("tls-alpn-01",
        Must("RFC 8737 §3 (1)", "The right certificate proves control", async t =>
        {
            var done = await TryAsync(t, (name, right) => t.TlsAlpn01.Answer(name, ChallengeCertificate.For(name, right)));
            if (done.Status != "valid")
                throw new Nonconformity($"expected the authorization to get valid; it is {done.Object}");
        }),
        Must("RFC 8737 §3 (2)", "The server asks for the name by SNI and offers acme-tls/1 alone", async t =>
        {
            var done = await TryAsync(t, (name, right) => t.TlsAlpn01.Answer(name, ChallengeCertificate.For(name, right)));
            var seen = t.TlsAlpn01.Seen(done.Identifier.Text("value"));
            if (seen.Count == 0)
                throw new Nonconformity("expected a handshake for the name; there was none");
            if (seen.Any(handshake => handshake.Protocol != "acme-tls/1"))
                throw new Nonconformity($"expected acme-tls/1; agreed on was \"{seen.First(h => h.Protocol != "acme-tls/1").Protocol}\"");
        }),
        Must("RFC 8737 §3 (3)", "A wrong digest does not prove control", t =>
            FailsAsync(t, (name, right) => t.TlsAlpn01.Answer(name, ChallengeCertificate.For(name, right + "x")))),
        Must("RFC 8737 §3 (4)", "An acmeIdentifier that is not critical does not prove control", t =>
            FailsAsync(t, (name, right) => t.TlsAlpn01.Answer(name, ChallengeCertificate.For(name, right, isCritical: false)))),
        Must("RFC 8737 §3 (5)", "A certificate without acmeIdentifier does not prove control", t =>
            FailsAsync(t, (name, right) => t.TlsAlpn01.Answer(name, ChallengeCertificate.For(name, right, hasIdentifier: false)))),
        Must("RFC 8737 §3 (6)", "A digest that is not in an OCTET STRING does not prove control", t =>
            FailsAsync(t, (name, right) => t.TlsAlpn01.Answer(name, ChallengeCertificate.For(name, right, isWrapped: false)))),
        Must("RFC 8737 §3 (7)", "A certificate for another name does not prove control", t =>
            FailsAsync(t, (name, right) => t.TlsAlpn01.Answer(name, ChallengeCertificate.For("other." + name, right)))),
        Must("RFC 8737 §3 (8)", "A certificate for a further name does not prove control", t =>
            FailsAsync(t, (name, right) => t.TlsAlpn01.Answer(name, ChallengeCertificate.For(name, right, otherName: "other." + name)))),
        Must("RFC 8737 §3 (9)", "A handshake that agrees on no protocol does not prove control", t =>
            FailsAsync(t, (name, right) => t.TlsAlpn01.Answer(name, ChallengeCertificate.For(name, right), negotiates: false))),
        Must("RFC 8737 §3 (10)", "A handshake that fails does not prove control", t => FailsAsync(t, (_, _) => { })));

    private static async Task FailsAsync(Trial t, Action<string, string> publish)
    {
        var done = await TryAsync(t, publish);
        if (done.Status != "invalid")
            throw new Nonconformity($"expected the authorization to get invalid; it is {done.Status}");
    }

    private static async Task<Authorization> TryAsync(Trial t, Action<string, string> publish)
    {
        _ = t.TlsAlpn01;
        var account = await t.NewAccountAsync();
        var (authorization, challenge) = await t.ChallengeAsync(account, Type);
        publish(authorization.Identifier.Text("value"), account.Key.KeyAuthorization(challenge.Text("token")));
        return await t.AnswerAsync(account, authorization, challenge);
    }
}
