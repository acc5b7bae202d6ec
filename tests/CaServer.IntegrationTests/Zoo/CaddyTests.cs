namespace CaServer.IntegrationTests.Zoo;

public sealed class CaddyTests(Zoo zoo)
{
    [Theory]
    [InlineData(Programs.Older)]
    [InlineData(Programs.Newer)]
    public async Task Caddy_does_what_the_page_says(Programs programs)
    {
        await using var caddy = await zoo.ClientAsync("Caddy", programs);
        var certificate = (string name) => CertificateOf(caddy, name);
        await caddy.ObtainsInTimeAsync("http-01, EC key", certificate("$NAME"), "EC 256", "$NAME");
        await caddy.JudgesAcceptAsync(certificate("$NAME"));
        await caddy.AppearsAsync(certificate("www.$NAME"));
        var revoked = await caddy.RevokesAsync("revoked by certbot", certificate("www.$NAME"));
        Assert.NotEqual(revoked, await caddy.ObtainsInTimeAsync("another after that", certificate("www.$NAME"), "EC 256", "www.$NAME"));
        await caddy.OperatorRevokesAsync(certificate("$NAME"));
        await caddy.ObtainsInTimeAsync("tls-alpn-01, RSA key", certificate("tls.$NAME"), "RSA 2048", "tls.$NAME");
        if (programs == Programs.Newer)
        {
            await caddy.ObtainsInTimeAsync("profile (Caddy 2.11)", certificate("api.$NAME"), "EC 256", "api.$NAME");
            await caddy.ObtainsInTimeAsync("address (Caddy 2.11)", certificate("$ADDRESS"), "EC 256", "$ADDRESS");
            await caddy.AppearsAsync("caddy.log", "got renewal info");
        }
        await using var bound = await zoo.BoundClientAsync("Caddy", programs);
        await bound.ObtainsInTimeAsync("external account", CertificateOf(bound, "$NAME"), "EC 256", "$NAME");
        caddy.HasDoneAllBut(programs == Programs.Newer ? ["external account"] : ["external account", "profile (Caddy 2.11)", "address (Caddy 2.11)"]);
    }

    [Theory]
    [InlineData(Programs.Older)]
    [InlineData(Programs.Newer)]
    public async Task Caddy_says_why_a_check_failed(Programs programs)
    {
        await using var caddy = await zoo.ClientAsync("Caddy", programs);
        await caddy.LeadElsewhereAsync();
        await caddy.RunAsync("http-01, EC key");
        await caddy.AppearsAsync("caddy.log", "Welcome to my home page");
    }

    // Caddy names the folder after the directory's URL.
    private static string CertificateOf(ZooClient caddy, string name) =>
        $"caddy/certificates/localhost-{caddy.Directory.Port}-acme-directory/{name}/{name}.crt";
}
