using System.Runtime.Versioning;

namespace CaServer.IntegrationTests.Clients;

/// <summary>Wildcards with real clients over dns-01: a name and its wildcard share the record's name, so both values stand there at once.</summary>
[Collection(RealClientsTests.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class WildcardTests(RealClients clients) : IDisposable
{
    private readonly TextPublisher _publisher = new(clients.Dns);
    private readonly Certbot _certbot = new(clients.Server);
    private readonly Lego _lego = new(clients.Server);

    public void Dispose()
    {
        _lego.Dispose();
        _certbot.Dispose();
        _publisher.Dispose();
    }

    [Fact]
    public async Task Certbot_obtains_a_certificate_for_a_name_and_its_wildcard()
    {
        (await _certbot.ObtainByDnsAsync(_publisher.Path, "wild.example.com", "*.wild.example.com")).Succeeded(clients.Server.Log);

        var certificate = _certbot.Certificate("wild.example.com");
        Assert.Equal(["*.wild.example.com", "wild.example.com"], certificate.Names().Order(StringComparer.Ordinal));
        await Judges.AllAcceptAsync(certificate, "any.wild.example.com");
    }

    [Fact]
    public async Task Lego_obtains_a_certificate_for_a_name_and_its_wildcard()
    {
        (await _lego.ObtainByDnsAsync(_publisher.Path, clients.Dns, "bush.example.com", "*.bush.example.com")).Succeeded(clients.Server.Log);

        var certificate = _lego.Certificate("bush.example.com");
        Assert.Equal(["*.bush.example.com", "bush.example.com"], certificate.Names().Order(StringComparer.Ordinal));
        await Judges.AllAcceptAsync(certificate, "any.bush.example.com");
    }
}
