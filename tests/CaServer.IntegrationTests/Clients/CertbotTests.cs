using System.Security.Cryptography.X509Certificates;

namespace CaServer.IntegrationTests.Clients;

[Collection(RealClientsTests.Name)]
public sealed class CertbotTests(RealClients clients) : IDisposable
{
    private readonly Certbot _certbot = new(clients.Server);

    public void Dispose() => _certbot.Dispose();

    [Fact]
    public async Task Certbot_obtains_a_certificate_that_every_judge_accepts()
    {
        (await _certbot.ObtainAsync(["www.example.com"])).Succeeded(clients.Server.Log);

        await Judges.AllAcceptAsync(_certbot.Certificate("www.example.com"), "www.example.com");
    }

    [Fact]
    public async Task Certbot_obtains_one_certificate_for_several_names()
    {
        (await _certbot.ObtainAsync(["b.example.com", "a.example.com", "xn--bcher-kva.example.com"])).Succeeded(clients.Server.Log);

        var certificate = _certbot.Certificate("b.example.com");
        Assert.Equal(["a.example.com", "b.example.com", "xn--bcher-kva.example.com"], certificate.Names());
        await Judges.AllAcceptAsync(certificate, "a.example.com");
    }

    [Fact]
    public async Task Certbot_obtains_a_certificate_for_an_RSA_key()
    {
        (await _certbot.ObtainAsync(["rsa.example.com"], "--key-type", "rsa", "--rsa-key-size", "3072")).Succeeded(clients.Server.Log);

        var certificate = _certbot.Certificate("rsa.example.com");
        using var leaf = certificate.ReadLeaf();
        using var key = leaf.GetRSAPublicKey();
        Assert.Equal(3072, key!.KeySize);
        await Judges.AllAcceptAsync(certificate, "rsa.example.com");
    }

    // RFC 6761 §6.3: names below localhost are loopback by definition; no DNS server is asked.
    [Fact]
    public async Task Certbot_obtains_a_certificate_for_a_name_below_localhost()
    {
        await clients.Dns.FailAsync("shop.localhost");

        (await _certbot.ObtainAsync(["shop.localhost"])).Succeeded(clients.Server.Log);

        Assert.Equal(["shop.localhost"], _certbot.Certificate("shop.localhost").Names());
    }

    [Fact]
    public async Task A_renewal_with_the_same_account_is_another_certificate()
    {
        (await _certbot.ObtainAsync(["renewed.example.com"])).Succeeded(clients.Server.Log);
        var first = _certbot.Certificate("renewed.example.com").Serial();

        (await _certbot.RenewAsync()).Succeeded(clients.Server.Log);

        Assert.NotEqual(first, _certbot.Certificate("renewed.example.com").Serial());
    }

    [Fact]
    public async Task A_client_renews_after_the_server_was_killed_and_started_again()
    {
        (await _certbot.ObtainAsync(["killed.example.com"])).Succeeded(clients.Server.Log);
        var before = _certbot.Certificate("killed.example.com");
        var first = before.Serial();
        var root = await File.ReadAllTextAsync(before.RootFile, TestContext.Current.CancellationToken);

        await clients.Server.KillAsync();
        await clients.Server.StartAgainAsync(TestContext.Current.CancellationToken);
        (await _certbot.RenewAsync()).Succeeded(clients.Server.Log);

        Assert.Equal(root, await File.ReadAllTextAsync(before.RootFile, TestContext.Current.CancellationToken));
        Assert.NotEqual(first, _certbot.Certificate("killed.example.com").Serial());
        await Judges.AllAcceptAsync(_certbot.Certificate("killed.example.com"), "killed.example.com");
    }
}
