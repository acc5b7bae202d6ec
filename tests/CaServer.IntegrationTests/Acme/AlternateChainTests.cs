using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.IntegrationTests.Host;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Acme;

/// <summary>RFC 8555 §7.4.2: chains besides the CA's own.</summary>
public sealed class AlternateChainTests : IAsyncLifetime
{
    private readonly ScratchDirectory _scratch = new();
    private readonly AcmeServer _acme = new([]);
    private readonly ECDsa _otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private X509Certificate2? _otherRoot;
    private X509Certificate2? _issuing;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private CaServerProcess Server => _acme.Server;

    public async ValueTask InitializeAsync()
    {
        await _acme.InitializeAsync();
        var request = new CertificateRequest("CN=Another Root", _otherKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _otherRoot = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(10));
        var account = await _acme.NewAccountAsync();
        _issuing = Chain(await DownloadAsync(account))[1];
    }

    public async ValueTask DisposeAsync()
    {
        await _acme.DisposeAsync();
        _issuing?.Dispose();
        _otherRoot?.Dispose();
        _otherKey.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task Clients_find_every_chain_and_each_verifies()
    {
        await Server.StopAsync(Cancellation);
        Server.Set("Acme:AlternateChains:0", Write("cross.pem", Cross(_issuing!.SubjectName)));
        Server.Set("Acme:AlternateChains:1", Write("cross-and-root.pem", Cross(_issuing.SubjectName), _otherRoot!));
        await Server.StartAgainAsync(Cancellation);

        var account = await _acme.NewAccountAsync();
        var own = await DownloadAsync(account);
        var url = own.Link("index")!.Replace("directory", "certificate", StringComparison.Ordinal);
        var alternates = Links(own);
        Assert.Equal(2, alternates.Length);
        Assert.All(alternates, link => Assert.StartsWith(url, link, StringComparison.Ordinal));
        foreach (var (alternate, length) in alternates.Zip([2, 3]))
        {
            var answer = await account.GetAsync(alternate);
            Assert.Equal((200, "application/pem-certificate-chain"), (answer.Status, answer.ContentType));
            var chain = Chain(answer);
            Assert.Equal(length, chain.Count);
            Assert.Equal(Chain(own)[0].RawData, chain[0].RawData);
            Assert.Equal(2, Links(answer).Length);
            Assert.DoesNotContain(alternate, Links(answer));
            using var check = new X509Chain();
            check.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            check.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            check.ChainPolicy.CustomTrustStore.Add(_otherRoot!);
            check.ChainPolicy.ExtraStore.Add(chain[1]);
            Assert.True(check.Build(chain[0]));
        }
        var own0 = alternates[0][..^2];
        foreach (var none in (string[])["/0", "/01", "/3", "/x", "/-1"])
            Assert.Equal(404, (await account.GetAsync(own0 + none)).Status);
        Assert.Equal(403, (await (await _acme.NewAccountAsync()).GetAsync(alternates[0])).Status);
    }

    [Fact]
    public async Task A_chain_that_could_verify_nothing_stops_the_start()
    {
        await Server.StopAsync(Cancellation);
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = _issuing!.SubjectName;
        await RefusedAsync([_issuing], "has the issuing CA's own certificate");
        await RefusedAsync([_otherRoot!], "for another subject");
        await RefusedAsync([Cross(subject, key: new PublicKey(otherKey))], "for another key");
        await RefusedAsync([Cross(subject, keyIdentifier: [1, 2, 3])], "subjectKeyIdentifier");
        await RefusedAsync([Cross(subject), _issuing], "number 1, that the next one did not sign");
        await RefusedAsync([Cross(subject, end: DateTimeOffset.UtcNow.AddHours(-1))], "that ended on");
        await RefusedAsync([Cross(subject, isCa: false)], "number 1, that cannot be used");
    }

    private async Task RefusedAsync(X509Certificate2[] chain, string why)
    {
        var file = Write("wrong.pem", chain);
        var settings = new Dictionary<string, string>
        {
            ["Data:Directory"] = Server.DataDirectory,
            ["Server:HttpsListen"] = "127.0.0.1:0",
            ["Server:HttpListen"] = "127.0.0.1:0",
            ["Server:AdminListen"] = "127.0.0.1:0",
            ["Acme:AlternateChains:0"] = file,
        };
        (await CommandRun.OfAsync(["serve"], settings)).IsRefusedInOneLine($"Acme:AlternateChains:0: {file} ", why);
    }

    private X509Certificate2 Cross(
        X500DistinguishedName subject, PublicKey? key = null, byte[]? keyIdentifier = null, DateTimeOffset? end = null, bool isCa = true)
    {
        var request = new CertificateRequest(subject, key ?? _issuing!.PublicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCa, false, 0, true));
        request.CertificateExtensions.Add(keyIdentifier is null
            ? _issuing!.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single()
            : new X509SubjectKeyIdentifierExtension(keyIdentifier, false));
        return request.Create(
            _otherRoot!.SubjectName, X509SignatureGenerator.CreateForECDsa(_otherKey), DateTimeOffset.UtcNow.AddDays(-1), end ?? DateTimeOffset.UtcNow.AddYears(5), [1, 2, 3]);
    }

    private string Write(string name, params X509Certificate2[] chain)
    {
        File.WriteAllText(_scratch.File(name), "A remark.\n" + string.Join('\n', chain.Select(c => c.ExportCertificatePem())));
        return _scratch.File(name);
    }

    private async Task<AcmeAnswer> DownloadAsync(TestAccount account)
    {
        var order = await account.OrderAsync("chains.localhost");
        await _acme.ProveAsync(account, order);
        await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For("chains.localhost")}}"}""");
        var done = await account.PollAsync(order.Location!, TimeSpan.FromSeconds(15), Cancellation);
        return await account.GetAsync(done["certificate"]!);
    }

    private static string[] Links(AcmeAnswer answer) =>
        [.. answer.Headers["Link"].Where(l => l.EndsWith(";rel=\"alternate\"", StringComparison.Ordinal)).Select(l => l[1..l.IndexOf('>', StringComparison.Ordinal)])];

    private static X509Certificate2Collection Chain(AcmeAnswer answer)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(answer.Text);
        return chain;
    }
}
