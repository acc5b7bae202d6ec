using System.Buffers.Text;
using CaServer.Conformance.Acme;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>Renewal information (RFC 9773), which a server may offer.</summary>
internal static class RenewalInformationCases
{
    public static readonly Section Section = new("Renewal information",
        Must("RFC 9773 §4.1 (1)", "Anybody reads the renewal information of a certificate by GET", async t =>
        {
            var url = t.OptionalUrl("renewalInfo");
            (await t.GetAsync($"{url}/{await RenewalIdAsync(t)}")).Is(200).Object.Object("suggestedWindow");
        }),
        Must("RFC 9773 §4.2 (1)", "The suggested window has a start and, after it, an end", async t =>
        {
            var url = t.OptionalUrl("renewalInfo");
            var answer = (await t.GetAsync($"{url}/{await RenewalIdAsync(t)}")).Is(200);
            var window = answer.Object.Object("suggestedWindow");
            answer.Expect(window.Time("start") < window.Time("end"), "a start before the end");
        }),
        Should("RFC 9773 §4.3 (1)", "The answer says when to ask again (Retry-After)", async t =>
        {
            var url = t.OptionalUrl("renewalInfo");
            var answer = (await t.GetAsync($"{url}/{await RenewalIdAsync(t)}")).Is(200);
            answer.Expect(int.TryParse(answer.Header("Retry-After"), out var seconds) && seconds > 0, "Retry-After in seconds");
        }),
        Must("RFC 9773 §4.2 (2)", "explanationURL, if it is there, is a URL", async t =>
        {
            var url = t.OptionalUrl("renewalInfo");
            var answer = (await t.GetAsync($"{url}/{await RenewalIdAsync(t)}")).Is(200);
            if (!answer.Object.Has("explanationURL"))
                throw new NotApplicable("there is no explanationURL");
            answer.Object.Url("explanationURL");
        }),
        Must("RFC 9773 §4.1 (2)", "An identifier that is none is refused", async t => (await t.GetAsync($"{t.OptionalUrl("renewalInfo")}/hello")).IsRefused()),
        Must("RFC 9773 §4.1 (3)", "An identifier of a certificate that was not issued is refused", async t =>
        {
            var url = t.OptionalUrl("renewalInfo");
            var parts = (await RenewalIdAsync(t)).Split('.');
            (await t.GetAsync($"{url}/{parts[0]}.{Base64Url.EncodeToString("0123456789abcdef"u8)}")).IsRefused();
        }),
        Should("RFC 9773 §4.2 (3)", "The window of a revoked certificate has begun", async t =>
        {
            var url = t.OptionalUrl("renewalInfo");
            var account = await t.AccountAsync();
            var issued = await t.IssueAsync(account);
            (await t.RevokeAsync(account, issued.Der)).Prepared("revocation");
            var answer = (await t.GetAsync($"{url}/{issued.RenewalId}")).Is(200);
            answer.Expect(answer.Object.Object("suggestedWindow").Time("start") <= TimeProvider.System.GetUtcNow(), "a window that has begun");
        }),
        Must("RFC 9773 §5 (1)", "An order shows the certificate that it replaces", async t =>
        {
            var (account, issued) = await ReplaceableAsync(t);
            var answer = (await ReplaceAsync(t, account, issued.RenewalId!, issued.DnsNames)).Is(201);
            answer.Expect(answer.Object.Text("replaces") == issued.RenewalId, $"\"replaces\" {issued.RenewalId}");
            var read = (await t.ReadAsync(account, answer.Location!)).Is(200);
            read.Expect(read.Object.Text("replaces") == issued.RenewalId, $"\"replaces\" {issued.RenewalId}");
        }),
        Must("RFC 9773 §5 (2)", "A certificate that was replaced is refused with 409 and alreadyReplaced", async t =>
        {
            var (account, issued) = await ReplaceableAsync(t);
            var first = Order.Of(await ReplaceAsync(t, account, issued.RenewalId!, issued.DnsNames));
            await t.IssueAsync(account, await t.MakeReadyAsync(account, first));
            (await ReplaceAsync(t, account, issued.RenewalId!, issued.DnsNames)).IsRefusedWith(409, "alreadyReplaced");
        }),
        Should("RFC 9773 §5 (3)", "Another account's certificate is refused", async t =>
        {
            var (_, issued) = await ReplaceableAsync(t);
            (await ReplaceAsync(t, await t.StrangerAsync(), issued.RenewalId!, issued.DnsNames)).IsRefused();
        }),
        Should("RFC 9773 §5 (4)", "A certificate that shares no name with the order is refused", async t =>
        {
            var (account, issued) = await ReplaceableAsync(t);
            (await ReplaceAsync(t, account, issued.RenewalId!, [await t.NewNameAsync()])).IsRefused();
        }),
        Must("RFC 9773 §5 (5)", "\"replaces\" that names no certificate is refused", async t =>
        {
            t.OptionalUrl("renewalInfo");
            (await ReplaceAsync(t, await t.AccountAsync(), "hello", [await t.NewNameAsync()])).IsRefused();
        }));

    private static async Task<string> RenewalIdAsync(Trial t) =>
        (await t.IssueAsync(await t.AccountAsync())).RenewalId ?? throw new Nonconformity("expected the certificate to have an authority key identifier");

    private static async Task<(Account Account, IssuedCertificate Issued)> ReplaceableAsync(Trial t)
    {
        t.OptionalUrl("renewalInfo");
        var account = await t.NewAccountAsync();
        return (account, await t.IssueAsync(account));
    }

    private static Task<AcmeAnswer> ReplaceAsync(Trial t, Account account, string replaces, IEnumerable<string> names) =>
        t.NewOrderAsync(account, names.Select(name => ("dns", name)), payload => payload["replaces"] = replaces);
}
