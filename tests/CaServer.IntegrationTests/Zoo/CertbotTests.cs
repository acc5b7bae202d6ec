namespace CaServer.IntegrationTests.Zoo;

public sealed class CertbotTests(Zoo zoo)
{
    [Theory]
    [InlineData(Programs.Installed)]
    [InlineData(Programs.Newer)]
    public async Task Certbot_does_what_the_page_says(Programs programs)
    {
        await using var certbot = await zoo.ClientAsync("certbot", programs);
        await certbot.ObtainsAsync("http-01, EC key", "conf/live/$NAME/fullchain.pem", "EC 256", "$NAME", "www.$NAME");
        await certbot.JudgesAcceptAsync("conf/live/$NAME/fullchain.pem");
        await certbot.ObtainsAsync("RSA key", "conf/live/rsa.$NAME/cert.pem", "RSA 3072", "rsa.$NAME");
        await certbot.ObtainsAsync("dns-01, wildcard", "conf/live/wild/cert.pem", "EC 256", "*.$NAME", "$NAME");
        await certbot.RenewsAsync("renew", "conf/live/$NAME/cert.pem");
        await certbot.RevokesAsync("revoke", "conf/live/rsa.$NAME/cert.pem");
        if (programs == Programs.Newer)
            await certbot.ObtainsShortLivedAsync("profile (certbot 4)", "conf/live/api.$NAME/cert.pem", "api.$NAME");
        await using var bound = await zoo.BoundClientAsync("certbot", programs);
        await bound.RunAsync("external account");
        certbot.HasDoneAllBut(programs == Programs.Newer ? ["external account"] : ["external account", "profile (certbot 4)"]);
    }
}
