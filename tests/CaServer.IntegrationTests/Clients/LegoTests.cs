using System.Security.Cryptography.X509Certificates;

namespace CaServer.IntegrationTests.Clients;

[Collection(RealClientsTests.Name)]
public sealed class LegoTests(RealClients clients) : IDisposable
{
    private readonly Lego _lego = new(clients.Server);

    public void Dispose() => _lego.Dispose();

    [Theory]
    [InlineData("ec256", 256)]
    [InlineData("ec384", 384)]
    [InlineData("rsa2048", 2048)]
    [InlineData("rsa4096", 4096)]
    public async Task Lego_obtains_a_certificate_for_each_kind_of_key(string keyType, int bits)
    {
        var name = $"{keyType}.example.com";

        (await _lego.ObtainAsync(keyType, name)).Succeeded(clients.Server.Log);

        var certificate = _lego.Certificate(name);
        using var leaf = certificate.ReadLeaf();
        Assert.Equal(bits, leaf.GetRSAPublicKey()?.KeySize ?? leaf.GetECDsaPublicKey()?.KeySize);
        await Judges.AllAcceptAsync(certificate, name);
    }

    [Fact]
    public async Task Lego_obtains_one_certificate_for_several_names_and_renews_it()
    {
        string[] names = ["one.example.com", "two.example.com"];
        (await _lego.ObtainAsync("ec256", names)).Succeeded(clients.Server.Log);
        var first = _lego.Certificate("one.example.com").Serial();

        (await _lego.RenewAsync("ec256", names)).Succeeded(clients.Server.Log);

        var renewed = _lego.Certificate("one.example.com");
        Assert.Equal(names, renewed.Names());
        Assert.NotEqual(first, renewed.Serial());
        await Judges.AllAcceptAsync(renewed, "two.example.com");
    }
}
