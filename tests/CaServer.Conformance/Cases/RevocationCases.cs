using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Conformance.Acme;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>Revocation (RFC 8555 §7.6).</summary>
internal static class RevocationCases
{
    public static readonly Section Section = new("Revocation",
        Must("RFC 8555 §7.6 (1)", "The account that got a certificate revokes it", async t =>
        {
            var account = await t.AccountAsync();
            (await t.RevokeAsync(account, (await t.IssueAsync(account)).Der)).Is(200);
        }),
        Must("RFC 8555 §7.6 (2)", "The certificate's own key revokes it", async t =>
        {
            var (issued, key) = await IssuedToAsync(t);
            (await t.RevokeWithKeyAsync(key, issued.Der)).Is(200);
        }),
        Must("RFC 8555 §7.6 (3)", "An account that holds authorizations for all names revokes it", async t =>
        {
            var issued = await t.IssueAsync(await t.AccountAsync());
            var holder = await t.NewAccountAsync();
            await t.ReadyOrderAsync(holder, issued.DnsNames);
            (await t.RevokeAsync(holder, issued.Der)).Is(200);
        }),
        Must("RFC 8555 §7.6 (4)", "An account without authorizations does not revoke it", async t =>
        {
            var issued = await t.IssueAsync(await t.AccountAsync());
            (await t.RevokeAsync(await t.StrangerAsync(), issued.Der)).IsRefused();
        }),
        Should("RFC 8555 §7.6 (5)", "An account without authorizations is told unauthorized", async t =>
        {
            var issued = await t.IssueAsync(await t.AccountAsync());
            (await t.RevokeAsync(await t.StrangerAsync(), issued.Der)).IsRefused("unauthorized");
        }),
        Must("RFC 8555 §7.6 (6)", "An account that holds authorizations for some of the names does not revoke it", async t =>
        {
            var issued = await t.IssueAsync(await t.AccountAsync(), await t.NewNameAsync(), await t.NewNameAsync());
            var holder = await t.NewAccountAsync();
            await t.ReadyOrderAsync(holder, issued.DnsNames[0]);
            (await t.RevokeAsync(holder, issued.Der)).IsRefused();
        }),
        Must("RFC 8555 §7.6 (7)", "Another key than the certificate's does not revoke it", async t =>
            (await t.RevokeWithKeyAsync(SigningKey.Ec(), (await t.IssueAsync(await t.AccountAsync())).Der)).IsRefused()),
        Must("RFC 8555 §7.6 (8)", "A certificate that is revoked is refused with 400 and alreadyRevoked", async t =>
        {
            var account = await t.AccountAsync();
            var issued = await t.IssueAsync(account);
            (await t.RevokeAsync(account, issued.Der)).Prepared("the first revocation");
            (await t.RevokeAsync(account, issued.Der)).IsRefusedWith(400, "alreadyRevoked");
        }),
        Must("RFC 8555 §7.6 (9)", "A reason that there is not (7) is refused with badRevocationReason", t => BadReasonAsync(t, "7")),
        Must("RFC 8555 §7.6 (10)", "A reason out of all bounds is refused with badRevocationReason", t => BadReasonAsync(t, "9999")),
        Must("RFC 8555 §7.6 (11)", "A negative reason is refused", t => BadReasonAsync(t, "-1", "badRevocationReason", "malformed")),
        Must("RFC 8555 §7.6 (12)", "A reason that is no number is refused", t => BadReasonAsync(t, "\"keyCompromise\"", "badRevocationReason", "malformed")),
        May("RFC 8555 §7.6 (13)", "The reason keyCompromise (1) is taken", async t =>
        {
            var account = await t.AccountAsync();
            (await t.RevokeAsync(account, (await t.IssueAsync(account)).Der, ",\"reason\":1")).Is(200);
        }),
        Must("RFC 8555 §7.6 (14)", "A refused reason does not revoke", async t =>
        {
            var account = await t.AccountAsync();
            var issued = await t.IssueAsync(account);
            (await t.RevokeAsync(account, issued.Der, ",\"reason\":7")).IsRefused();
            (await t.RevokeAsync(account, issued.Der)).Is(200);
        }),
        Must("RFC 8555 §7.6 (15)", "A certificate of another CA is refused", async t => (await t.RevokeAsync(await t.AccountAsync(), Foreign())).IsRefused()),
        Must("RFC 8555 §7.6 (16)", "What is no certificate is refused as malformed", async t =>
            (await t.RevokeAsync(await t.AccountAsync(), RandomNumberGenerator.GetBytes(200))).IsRefused("malformed")),
        Must("RFC 8555 §7.6 (17)", "A certificate in base64url with padding is refused", async t =>
        {
            var account = await t.AccountAsync();
            var code = Base64Url.EncodeToString((await t.IssueAsync(account)).Der);
            (await t.PostAsync(account, t.Url("revokeCert"), $$"""{"certificate":"{{code}}{{new string('=', code.Length % 4 == 0 ? 4 : 4 - (code.Length % 4))}}"}""")).IsRefused("malformed");
        }),
        Must("RFC 8555 §7.6 (18)", "revokeCert without a certificate is refused as malformed", async t =>
            (await t.PostAsync(await t.AccountAsync(), t.Url("revokeCert"), "{}")).IsRefused("malformed")),
        Must("RFC 8555 §7.6 (19)", "A certificate that was altered is refused", async t =>
        {
            var account = await t.AccountAsync();
            var der = (await t.IssueAsync(account)).Der.ToArray();
            der[^1] ^= 1;
            (await t.RevokeAsync(account, der)).IsRefused();
        }));

    private static async Task<(IssuedCertificate Issued, EcSigningKey Key)> IssuedToAsync(Trial t)
    {
        var account = await t.AccountAsync();
        var order = await t.ReadyOrderAsync(account);
        var key = SigningKey.Ec();
        (await t.FinalizeAsync(account, order, Csr.For(key.Key, order.Names).Der)).Prepared("finalize");
        return (await t.DownloadAsync(account, order, key.Key), key);
    }

    private static async Task BadReasonAsync(Trial t, string reason, params string[] types)
    {
        var account = await t.AccountAsync();
        (await t.RevokeAsync(account, (await t.IssueAsync(account)).Der, $",\"reason\":{reason}")).IsRefused(types.Length > 0 ? types : ["badRevocationReason"]);
    }

    private static byte[] Foreign()
    {
        using var key = Csrs.NewKey();
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=elsewhere", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return certificate.RawData;
    }
}
