using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Conformance.Acme;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>finalize and its certificate signing request (RFC 8555 §7.4).</summary>
internal static class FinalizeCases
{
    private static readonly string[] s_badCsr = ["badCSR", "malformed", "unauthorized", "badPublicKey", "rejectedIdentifier"];

    public static readonly Section Section = new("Finalize",
        Must("RFC 8555 §7.4 (27)", "An order that is not ready is refused with 403 and orderNotReady", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.OrderAsync(account);
            (await t.FinalizeAsync(account, order, Csrs.For(order))).IsRefusedWith(403, "orderNotReady");
        }),
        Must("RFC 8555 §7.4 (28)", "A good CSR is answered with 200 and the order, processing or valid", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.ReadyOrderAsync(account);
            var answer = (await t.FinalizeAsync(account, order, Csrs.For(order))).Is(200);
            answer.Expect(answer.Object.Text("status") is "processing" or "valid", "status processing or valid");
        }),
        Must("RFC 8555 §7.1.3 (14)", "The order gets valid and has the URL of its certificate", async t =>
        {
            var account = await t.AccountAsync();
            var certificate = await t.IssueAsync(account, await t.ReadyOrderAsync(account));
            certificate.Order.Object.Url("certificate");
            certificate.Order.Object.Time("expires");
        }),
        Must("RFC 8555 §7.4 (29)", "An order that is valid is not finalized again", async t =>
        {
            var account = await t.AccountAsync();
            var certificate = await t.IssueAsync(account, await t.ReadyOrderAsync(account));
            (await t.FinalizeAsync(account, certificate.Order, Csrs.For(certificate.Order))).IsRefusedWith(403, "orderNotReady");
        }),
        Must("RFC 8555 §7.4 (30)", "Of two finalize requests at the same time one makes the certificate", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.ReadyOrderAsync(account);
            using var key = Csrs.NewKey();
            var csr = Csr.For(key, order.Names).Der;
            var answers = await Task.WhenAll(t.FinalizeAsync(account, order, csr), t.FinalizeAsync(account, order, csr));
            if (answers.FirstOrDefault(answer => !answer.IsSuccess) is { } refused)
                refused.IsRefused("orderNotReady");
            await t.DownloadAsync(account, order, key);
        }),
        Must("RFC 8555 §7.4 (31)", "Another account cannot finalize an order", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.ReadyOrderAsync(account);
            (await t.FinalizeAsync(await t.StrangerAsync(), order, Csrs.For(order))).IsRefused();
        }),
        Must("RFC 8555 §7.4 (32)", "A CSR without one of the order's names is refused", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.ReadyOrderAsync(account, await t.NewNameAsync(), await t.NewNameAsync());
            (await t.FinalizeAsync(account, order, Csr.For(Csrs.NewKey(), order.Names.Take(1)).Der)).IsRefused(s_badCsr);
        }),
        Must("RFC 8555 §7.4 (33)", "A CSR with a further name is refused", t =>
            BadAsync(t, order => Csr.For(Csrs.NewKey(), [.. order.Names, "further." + order.Names[0]]).Der)),
        Must("RFC 8555 §7.4 (34)", "A CSR for another name is refused", t => BadAsync(t, order => Csr.For(Csrs.NewKey(), ["other." + order.Names[0]]).Der)),
        Must("RFC 8555 §7.4 (35)", "A CSR with a further name in its common name is refused", t =>
            BadAsync(t, order => Csr.For(Csrs.NewKey(), order.Names, commonName: "cn." + order.Names[0]).Der)),
        Must("RFC 8555 §7.4 (36)", "A CSR with an address besides the order's names is refused", t =>
            BadAsync(t, order => Csr.For(Csrs.NewKey(), [.. order.Names, "192.0.2.7"]).Der)),
        Must("RFC 8555 §7.4 (37)", "A CSR without any name is refused", t => BadAsync(t, _ => Csr.ForCommonName(Csrs.NewKey(), null).Der)),
        Must("RFC 8555 §7.4 (38)", "A CSR whose signature does not verify is refused", t => BadAsync(t, order => Changed(Csrs.For(order)))),
        Must("RFC 8555 §7.4 (39)", "What is no CSR is refused", t => BadAsync(t, _ => RandomNumberGenerator.GetBytes(300))),
        Must("RFC 8555 §7.4 (40)", "A CSR with something after it is refused", t => BadAsync(t, order => [.. Csrs.For(order), 0, 0])),
        Must("RFC 8555 §7.4 (41)", "A CSR in PEM is refused", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.ReadyOrderAsync(account);
            (await t.FinalizeAsync(account, order, PemEncoding.WriteString("CERTIFICATE REQUEST", Csrs.For(order)).Replace("\n", "\\n", StringComparison.Ordinal))).IsRefused(s_badCsr);
        }),
        Must("RFC 8555 §7.4 (42)", "A CSR in base64url with padding is refused", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.ReadyOrderAsync(account);
            var code = Base64Url.EncodeToString(CsrWithPadding(order));
            (await t.FinalizeAsync(account, order, code.PadRight((code.Length + 3) / 4 * 4, '='))).IsRefused(s_badCsr);
        }),
        Must("RFC 8555 §7.4 (43)", "finalize without a CSR is refused", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.ReadyOrderAsync(account);
            (await t.PostAsync(account, order.Finalize, "{}")).IsRefused("malformed", "badCSR");
        }),
        Should("RFC 8555 §7.4 (44)", "A CSR for other names is refused with badCSR", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.ReadyOrderAsync(account);
            (await t.FinalizeAsync(account, order, Csr.For(Csrs.NewKey(), ["other." + order.Names[0]]).Der)).IsRefused("badCSR");
        }),
        Should("RFC 8555 §7.4 (45)", "A CSR that is refused leaves the order ready, and a good one then succeeds", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.ReadyOrderAsync(account);
            (await t.FinalizeAsync(account, order, Changed(Csrs.For(order)))).IsRefused();
            (await t.FinalizeAsync(account, order, Csrs.For(order))).Is(200);
        }),
        Should("RFC 8555 §11.1 (1)", "A CSR with the account's own key is refused", async t =>
        {
            var account = await t.NewAccountAsync();
            var order = await t.ReadyOrderAsync(account);
            (await t.FinalizeAsync(account, order, Csr.For(((EcSigningKey)account.Key).Key, order.Names).Der)).IsRefused(s_badCsr);
        }),
        Should("RFC 8555 §11.1 (2)", "A CSR with a 1024-bit RSA key is refused", t => BadAsync(t, order => Csr.For(RSA.Create(1024), order.Names).Der)),
        Must("RFC 8555 §7.4 (46)", "A CSR that names the identifier in its common name alone is taken", async t =>
        {
            // A common name has at most 64 characters (RFC 5280).
            var account = await t.AccountAsync();
            var order = await t.ReadyOrderAsync(account);
            if (order.Names[0].Length > 64)
                throw new NotApplicable("the name is too long for a common name");
            (await t.FinalizeAsync(account, order, Csr.ForCommonName(Csrs.NewKey(), order.Names[0]).Der)).Is(200);
        }),
        May("RFC 8555 §7.4 (47)", "A CSR with its name in capitals is taken", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.ReadyOrderAsync(account);
            (await t.FinalizeAsync(account, order, Csr.For(Csrs.NewKey(), [order.Names[0].ToUpperInvariant()]).Der)).Is(200);
        }),
        Must("RFC 8555 §7.4 (48)", "A CSR that asks for a CA certificate gets none", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.ReadyOrderAsync(account);
            using var key = Csrs.NewKey();
            var answer = await t.FinalizeAsync(account, order, Csr.For(key, order.Names).With(new X509BasicConstraintsExtension(true, false, 0, true)).Der);
            if (!answer.IsSuccess)
            {
                answer.IsRefused();
                return;
            }
            var certificate = await t.DownloadAsync(account, order, key);
            answer.Expect(!certificate.Leaf.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority), "a certificate that is no CA");
        }),
        May("RFC 8555 §7.4 (49)", "RSA keys of 2048 bits are certified", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.ReadyOrderAsync(account);
            (await t.FinalizeAsync(account, order, Csr.For(RSA.Create(2048), order.Names).Der)).Is(200);
        }),
        May("RFC 8555 §7.4 (50)", "P-384 keys are certified", async t =>
        {
            var account = await t.AccountAsync();
            var order = await t.ReadyOrderAsync(account);
            (await t.FinalizeAsync(account, order, Csr.For(ECDsa.Create(ECCurve.NamedCurves.nistP384), order.Names).Der)).Is(200);
        }));

    private static async Task BadAsync(Trial t, Func<Order, byte[]> csr)
    {
        var account = await t.AccountAsync();
        var order = await t.ReadyOrderAsync(account);
        (await t.FinalizeAsync(account, order, csr(order))).IsRefused(s_badCsr);
    }

    private static byte[] Changed(byte[] der)
    {
        der[^1] ^= 1;
        return der;
    }

    // ECDSA signatures in DER vary in length.
    private static byte[] CsrWithPadding(Order order)
    {
        while (true)
        {
            var csr = Csrs.For(order);
            if (csr.Length % 3 != 0)
                return csr;
        }
    }
}
