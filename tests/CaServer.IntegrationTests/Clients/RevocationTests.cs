namespace CaServer.IntegrationTests.Clients;

/// <summary>Revocation as a client asks for it and as OpenSSL sees it.</summary>
[Collection(RealClientsTests.Name)]
public sealed class RevocationTests(RealClients clients) : IDisposable
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private readonly Certbot _certbot = new(clients.Server);
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _certbot.Dispose();
    }

    [Fact]
    public async Task A_certificate_is_revoked_in_the_CRL_that_it_names_within_five_seconds()
    {
        (await _certbot.ObtainAsync(["revoked.example.com"])).Succeeded(clients.Server.Log);
        var certificate = _certbot.Certificate("revoked.example.com");
        Assert.Equal("OK", await Judges.OpenSslSaysAsync(certificate, await DownloadAsync(certificate)));

        (await _certbot.RevokeAsync("revoked.example.com", "keycompromise")).Succeeded(clients.Server.Log);

        var crl = await CrlThatListsAsync(certificate);
        Assert.Contains("certificate revoked", await Judges.OpenSslSaysAsync(certificate, crl), StringComparison.Ordinal);
        await Judges.AllAcceptCrlAsync(certificate, crl);
    }

    private async Task<byte[]> CrlThatListsAsync(ObtainedCertificate certificate)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Promise);
        using var timer = new PeriodicTimer(PollInterval);
        var serial = Convert.FromHexString(certificate.Serial());
        while (true)
        {
            var crl = await DownloadAsync(certificate);
            if (crl.AsSpan().IndexOf(serial) >= 0)
                return crl;
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    private Task<byte[]> DownloadAsync(ObtainedCertificate certificate) =>
        _http.GetByteArrayAsync(certificate.CrlUrl(), TestContext.Current.CancellationToken);
}
