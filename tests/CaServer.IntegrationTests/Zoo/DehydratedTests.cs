namespace CaServer.IntegrationTests.Zoo;

public sealed class DehydratedTests(Zoo zoo)
{
    [Theory]
    [InlineData(Programs.Installed)]
    [InlineData(Programs.Newer)]
    public async Task Dehydrated_does_what_the_page_says(Programs programs)
    {
        await using var dehydrated = await zoo.ClientAsync("dehydrated", programs);
        dehydrated.ServeFolder();
        await dehydrated.RunAsync("account");
        await dehydrated.ObtainsAsync("http-01, EC key", "certs/$NAME/fullchain.pem", "EC 256", "$NAME", "www.$NAME");
        await dehydrated.JudgesAcceptAsync("certs/$NAME/fullchain.pem");
        await dehydrated.ObtainsAsync("RSA key", "certs/rsa.$NAME/cert.pem", "RSA 3072", "rsa.$NAME");
        await dehydrated.ObtainsAsync("dns-01, wildcard", "certs/wild.$NAME/cert.pem", "EC 384", "*.wild.$NAME", "wild.$NAME");
        await dehydrated.ObtainsAsync("tls-alpn-01", "certs/tls.$NAME/cert.pem", "EC 384", "tls.$NAME");
        await dehydrated.RenewsAsync("renew", "certs/$NAME/cert.pem");
        await dehydrated.RevokesAsync("revoke", "certs/rsa.$NAME/cert.pem");
        if (programs == Programs.Newer)
            await dehydrated.ObtainsShortLivedAsync("profile (dehydrated 0.7.2)", "certs/api.$NAME/cert.pem", "api.$NAME");
        await using var bound = await zoo.BoundClientAsync("dehydrated", programs);
        await bound.RunAsync("external account");
        dehydrated.HasDoneAllBut(programs == Programs.Newer ? ["external account"] : ["external account", "profile (dehydrated 0.7.2)"]);
    }

    [Fact]
    public async Task Dehydrated_says_why_a_check_failed()
    {
        await using var dehydrated = await zoo.ClientAsync("dehydrated", Programs.Newer);
        await dehydrated.LeadElsewhereAsync();
        await dehydrated.RunAsync("account");
        await dehydrated.FailsAsync("http-01, EC key", "urn:ietf:params:acme:error:unauthorized", "Welcome to my home page");
    }
}
