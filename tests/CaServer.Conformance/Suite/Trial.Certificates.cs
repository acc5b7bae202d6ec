using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CaServer.Conformance.Acme;

namespace CaServer.Conformance.Suite;

internal sealed partial class Trial
{
    /// <summary>finalize with a CSR in DER.</summary>
    public Task<AcmeAnswer> FinalizeAsync(Account account, Order order, byte[] csr) =>
        FinalizeAsync(account, order, Base64Url.EncodeToString(csr));

    /// <summary>finalize with a CSR as text.</summary>
    public Task<AcmeAnswer> FinalizeAsync(Account account, Order order, string csr) =>
        PostAsync(account, order.Finalize, $$"""{"csr":"{{csr}}"}""");

    /// <summary>A certificate for new names, as a step that is not judged.</summary>
    public async Task<IssuedCertificate> IssueAsync(Account account, params IReadOnlyList<string> names)
    {
        RequireProofs();
        return await IssueAsync(account, await ReadyOrderAsync(account, names.Count > 0 ? names : [await NewNameAsync()]));
    }

    /// <summary>The certificate of an order that is ready.</summary>
    public async Task<IssuedCertificate> IssueAsync(Account account, Order order)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (await FinalizeAsync(account, order, Csr.For(key, order.Names).Der)).Prepared("finalize");
        return await DownloadAsync(account, order, key);
    }

    /// <summary>Waits for an order that was finalized, and reads its certificate.</summary>
    public async Task<IssuedCertificate> DownloadAsync(Account account, Order order, AsymmetricAlgorithm key)
    {
        var done = await PollAsync(account, order.Url, "processing", "ready");
        if (done.Text("status") != "valid")
            throw new Undecidable($"the order did not get valid: {done}");
        var url = done.Url("certificate");
        var answer = (await ReadAsync(account, url)).Prepared("reading the certificate");
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(Encoding.ASCII.GetString(answer.Body));
        return chain.Count > 0
            ? new IssuedCertificate(url, order with { Object = done }, answer, chain, key)
            : throw new Undecidable("there is no certificate in what the certificate's URL gave");
    }

    /// <summary>revokeCert by an account.</summary>
    public Task<AcmeAnswer> RevokeAsync(Account account, byte[] certificate, string more = "") =>
        PostAsync(account, Url("revokeCert"), RevocationPayload(certificate, more));

    /// <summary>revokeCert signed with a key that it carries.</summary>
    public Task<AcmeAnswer> RevokeWithKeyAsync(SigningKey key, byte[] certificate, string more = "") =>
        PostWithKeyAsync(key, Url("revokeCert"), RevocationPayload(certificate, more));

    private static string RevocationPayload(byte[] certificate, string more) =>
        $$"""{"certificate":"{{Base64Url.EncodeToString(certificate)}}"{{more}}}""";
}

/// <summary>A certificate that the server issued.</summary>
/// <param name="Url">Where it was read.</param>
/// <param name="Order">Its order, valid.</param>
/// <param name="Answer">What was read.</param>
/// <param name="Chain">The certificates in it, in their order.</param>
/// <param name="Key">The private key of the first.</param>
internal sealed record IssuedCertificate(string Url, Order Order, AcmeAnswer Answer, X509Certificate2Collection Chain, AsymmetricAlgorithm Key)
{
    public X509Certificate2 Leaf => Chain[0];

    public byte[] Der => Leaf.RawData;

    /// <summary>Its identifier for renewal information (RFC 9773 §4.1); null if it has no authority key identifier.</summary>
    public string? RenewalId
    {
        get
        {
            var issuer = Leaf.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier;
            return issuer is null ? null : $"{Base64Url.EncodeToString(issuer.Value.Span)}.{Base64Url.EncodeToString(Leaf.SerialNumberBytes.Span)}";
        }
    }

    public IReadOnlyList<string> DnsNames => [.. Names.SelectMany(extension => extension.EnumerateDnsNames())];

    public IReadOnlyList<string> Addresses => [.. Names.SelectMany(extension => extension.EnumerateIPAddresses()).Select(a => a.ToString())];

    private IEnumerable<X509SubjectAlternativeNameExtension> Names => Leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>();
}
