namespace CaServer.IntegrationTests.Zoo;

/// <summary>uacme 1.8; older ones trust only the system's roots, which the tests leave alone.</summary>
public sealed class UacmeTests(Zoo zoo)
{
    [Fact]
    public async Task Uacme_does_what_the_page_says()
    {
        await using var uacme = await zoo.ClientAsync("uacme", Programs.Newer);
        uacme.ServeFolder();
        await uacme.RunAsync("account");
        await uacme.ObtainsAsync("http-01, EC key", "uacme/$NAME/cert.pem", "EC 256", "$NAME", "www.$NAME");
        await uacme.JudgesAcceptAsync("uacme/$NAME/cert.pem");
        await uacme.ObtainsAsync("RSA key", "uacme/rsa.$NAME/cert.pem", "RSA 3072", "rsa.$NAME");
        await uacme.ObtainsAsync("dns-01, wildcard", "uacme/wild.$NAME/cert.pem", "RSA 2048", "*.wild.$NAME", "wild.$NAME");
        await uacme.ObtainsAsync("tls-alpn-01", "uacme/tls.$NAME/cert.pem", "RSA 2048", "tls.$NAME");
        await uacme.RunAsync("stop ualpn");
        await uacme.RunAsync("account key");
        await uacme.RenewsAsync("renew", "uacme/$NAME/cert.pem");
        await uacme.ObtainsShortLivedAsync("profile", "uacme/api.$NAME/cert.pem", "api.$NAME");
        await uacme.ObtainsAsync("address", "uacme/$ADDRESS/cert.pem", "RSA 2048", "$ADDRESS");
        await uacme.RevokesAsync("revoke", "uacme/rsa.$NAME/cert.pem");
        await using var bound = await zoo.BoundClientAsync("uacme", Programs.Newer);
        await bound.RunAsync("external account");
        uacme.HasDoneAllBut("external account");
    }

    [Fact]
    public async Task Uacme_says_why_a_check_failed()
    {
        await using var uacme = await zoo.ClientAsync("uacme", Programs.Newer);
        await uacme.LeadElsewhereAsync();
        await uacme.RunAsync("account");
        await uacme.FailsAsync("http-01, EC key", "urn:ietf:params:acme:error:unauthorized", "Welcome to my home page");
    }
}
