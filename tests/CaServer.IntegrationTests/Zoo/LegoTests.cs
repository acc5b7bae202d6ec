namespace CaServer.IntegrationTests.Zoo;

public sealed class LegoTests(Zoo zoo)
{
    [Theory]
    [InlineData(Programs.Installed)]
    [InlineData(Programs.Newer)]
    public async Task Lego_does_what_the_page_says(Programs programs)
    {
        await using var lego = await zoo.ClientAsync("lego", programs);
        await lego.ObtainsAsync("http-01, EC key", ".lego/certificates/$NAME.crt", "EC 256", "$NAME", "www.$NAME");
        await lego.JudgesAcceptAsync(".lego/certificates/$NAME.crt");
        await lego.ObtainsAsync("RSA key", ".lego/certificates/rsa.$NAME.crt", "RSA 2048", "rsa.$NAME");
        await lego.ObtainsAsync("tls-alpn-01", ".lego/certificates/tls.$NAME.crt", "EC 256", "tls.$NAME");
        await lego.ObtainsAsync("dns-01, wildcard", ".lego/certificates/_.wild.$NAME.crt", "EC 256", "*.wild.$NAME", "wild.$NAME");
        await lego.RenewsAsync("renew", ".lego/certificates/$NAME.crt");
        await lego.RevokesAsync("revoke", ".lego/certificates/rsa.$NAME.crt");
        if (programs == Programs.Newer)
        {
            await lego.ObtainsShortLivedAsync("profile (lego 4.35)", ".lego/certificates/api.$NAME.crt", "api.$NAME");
            await lego.ObtainsShortLivedAsync("address (lego 4.35)", ".lego/certificates/$ADDRESS.crt", "$ADDRESS");
        }
        await using var bound = await zoo.BoundClientAsync("lego", programs);
        await bound.ObtainsAsync("external account", ".lego/certificates/eab.$NAME.crt", "EC 256", "eab.$NAME");
        lego.HasDoneAllBut(programs == Programs.Newer ? ["external account"] : ["external account", "profile (lego 4.35)", "address (lego 4.35)"]);
    }

    [Theory]
    [InlineData(Programs.Installed)]
    [InlineData(Programs.Newer)]
    public async Task Lego_says_why_a_check_failed(Programs programs)
    {
        await using var lego = await zoo.ClientAsync("lego", programs);
        await lego.LeadElsewhereAsync();
        await lego.FailsAsync("http-01, EC key", "urn:ietf:params:acme:error:unauthorized", "Welcome to my home page");
    }
}
