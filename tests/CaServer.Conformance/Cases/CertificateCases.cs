using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>Download of certificates (RFC 8555 §7.4.2, §9.1).</summary>
internal static partial class CertificateCases
{
    private const string MediaType = "application/pem-certificate-chain";

    public static readonly Section Section = new("Certificates",
        Must("RFC 8555 §7.4.2 (1)", "A certificate is read by POST-as-GET, as application/pem-certificate-chain", async t =>
        {
            var answer = (await IssuedAsync(t)).Answer.Is(200);
            answer.Expect(answer.MediaType == MediaType, $"Content-Type {MediaType} rather than {answer.ContentType}");
        }),
        Must("RFC 8555 §7.4.2 (2)", "The first certificate is the one that was asked for: its key is the CSR's", async t =>
        {
            var issued = await IssuedAsync(t);
            issued.Answer.Expect(
                issued.Leaf.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(((System.Security.Cryptography.ECDsa)issued.Key).ExportSubjectPublicKeyInfo()),
                "the CSR's key in the first certificate");
        }),
        Must("RFC 8555 §7.4 (51)", "The certificate has exactly the order's names", async t =>
        {
            var account = await t.AccountAsync();
            string[] names = [await t.NewNameAsync(), await t.NewNameAsync()];
            var issued = await t.IssueAsync(account, names);
            issued.Answer.Expect(
                issued.DnsNames.Order().SequenceEqual(names.Order()) && issued.Addresses.Count == 0, $"{string.Join(", ", names)} rather than {string.Join(", ", issued.DnsNames)}");
        }),
        Must("RFC 8555 §9.1 (1)", "The chain is PEM in its strict form, without any other text", async t =>
        {
            var text = Encoding.Latin1.GetString((await IssuedAsync(t)).Answer.Body);
            if (!StrictChain().IsMatch(text.Replace("\r\n", "\n", StringComparison.Ordinal)))
                throw new Nonconformity("expected certificates in lines of 64 characters and nothing between them");
        }),
        Should("RFC 8555 §7.4.2 (3)", "Each certificate of the chain certifies the one before it", async t =>
        {
            var issued = await IssuedAsync(t);
            for (var i = 1; i < issued.Chain.Count; i++)
            {
                if (!issued.Chain[i].SubjectName.RawData.AsSpan().SequenceEqual(issued.Chain[i - 1].IssuerName.RawData))
                    throw new Nonconformity($"expected certificate {i + 1} to be the issuer of the one before; it is {issued.Chain[i].Subject}");
            }
        }),
        Must("RFC 8555 §7.4.2 (4)", "A certificate that is read twice is the same", async t =>
        {
            var account = await t.AccountAsync();
            var issued = await IssuedAsync(t);
            var again = (await t.ReadAsync(account, issued.Url)).Is(200);
            again.Expect(again.Body.AsSpan().SequenceEqual(issued.Answer.Body), "the same octets");
        }),
        Must("RFC 8555 §7.4.2 (5)", "The certificate is valid now and is no CA", async t =>
        {
            var issued = await IssuedAsync(t);
            var now = TimeProvider.System.GetUtcNow();
            issued.Answer.Expect(issued.Leaf.NotBefore.ToUniversalTime() <= now && now <= issued.Leaf.NotAfter.ToUniversalTime(), "a certificate that is valid now")
                .Expect(!issued.Leaf.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority), "a certificate that is no CA");
        }),
        Must("RFC 8555 §7.4.2 (6)", "A certificate that is not there is refused", async t =>
        {
            var account = await t.AccountAsync();
            (await t.ReadAsync(account, (await IssuedAsync(t)).Url + "0123456789")).IsRefused();
        }),
        May("RFC 8555 §7.4.2 (7)", "Another account cannot read the certificate", async t =>
            (await t.ReadAsync(await t.StrangerAsync(), (await IssuedAsync(t)).Url)).IsRefused()),
        Must("RFC 8555 §7.4.2 (8)", "Alternate chains (Link rel=\"alternate\"), if there are any, begin with the same certificate", async t =>
        {
            var account = await t.AccountAsync();
            var issued = await IssuedAsync(t);
            if (issued.Answer.Links("alternate") is not { Count: > 0 } alternates)
                throw new NotApplicable("there are no alternate chains");
            foreach (var url in alternates)
            {
                var answer = (await t.ReadAsync(account, url)).Is(200);
                var chain = new X509Certificate2Collection();
                chain.ImportFromPem(Encoding.ASCII.GetString(answer.Body));
                answer.Expect(chain.Count > 0 && chain[0].RawData.AsSpan().SequenceEqual(issued.Der), "the same first certificate");
            }
        }));

    private static async Task<IssuedCertificate> IssuedAsync(Trial t)
    {
        var account = await t.AccountAsync();
        return await t.IssueAsync(account, await t.ReadyOrderAsync(account));
    }

    [GeneratedRegex(@"\A(-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{1,64}={0,2}\n-----END CERTIFICATE-----(\n|\z))+\z")]
    private static partial Regex StrictChain();
}
