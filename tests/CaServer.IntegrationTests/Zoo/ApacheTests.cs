namespace CaServer.IntegrationTests.Zoo;

public sealed class ApacheTests(Zoo zoo)
{
    private const string Client = "Apache (mod_md)";

    [Fact]
    public async Task Apache_does_what_the_page_says()
    {
        await using var apache = await zoo.ClientAsync(Client, Programs.Installed);
        await apache.ObtainsInTimeAsync("http-01, EC key", "md/staging/$NAME/pubcert.secp256r1.pem", "EC 256", "$NAME", "www.$NAME");
        await apache.AppearsAsync("error.log", "has been setup");
        await apache.RunAsync("restart");
        await apache.AppearsAsync("md/domains/$NAME/pubcert.secp256r1.pem");
        await apache.JudgesAcceptAsync("md/domains/$NAME/pubcert.secp256r1.pem");
        var revoked = await apache.RevokesAsync("revoked by certbot", "md/domains/$NAME/pubcert.secp256r1.pem");
        Assert.NotEqual(revoked, await apache.ObtainsInTimeAsync("another after that", "md/staging/$NAME/pubcert.secp256r1.pem", "EC 256", "$NAME", "www.$NAME"));
        await apache.ObtainsInTimeAsync("tls-alpn-01, RSA key", "md/staging/tls.$NAME/pubcert.pem", "RSA 3072", "tls.$NAME");
        await apache.ObtainsInTimeAsync("dns-01, wildcard", "md/staging/wild.$NAME/pubcert.pem", "RSA 2048", "*.wild.$NAME", "wild.$NAME");
        await apache.OperatorRevokesAsync("md/staging/wild.$NAME/pubcert.pem");
        await using var bound = await zoo.BoundClientAsync(Client, Programs.Installed);
        await bound.ObtainsInTimeAsync("external account", "md/staging/$NAME/pubcert.pem", "RSA 2048", "$NAME");
        apache.HasDoneAllBut("external account");
    }

    [Fact]
    public async Task Apache_says_why_a_check_failed()
    {
        await using var apache = await zoo.ClientAsync(Client, Programs.Installed);
        await apache.LeadElsewhereAsync();
        await apache.RunAsync("http-01, EC key");
        await apache.AppearsAsync("error.log", "Welcome to my home page");
    }
}
