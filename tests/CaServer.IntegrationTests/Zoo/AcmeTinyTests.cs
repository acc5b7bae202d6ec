namespace CaServer.IntegrationTests.Zoo;

public sealed class AcmeTinyTests(Zoo zoo)
{
    [Fact]
    public async Task AcmeTiny_does_what_the_page_says()
    {
        await using var tiny = await zoo.ClientAsync("acme-tiny", Programs.Installed);
        tiny.ServeFolder();
        var first = await tiny.ObtainsAsync("http-01, EC key", "ec.pem", "EC 256", "$NAME", "www.$NAME");
        await tiny.JudgesAcceptAsync("ec.pem");
        await tiny.ObtainsAsync("RSA key", "rsa.pem", "RSA 3072", "rsa.$NAME");
        Assert.NotEqual(first, await tiny.ObtainsAsync("renew", "renewed.pem", "EC 256", "$NAME", "www.$NAME"));
        tiny.HasDoneAllBut();
    }

    [Fact]
    public async Task AcmeTiny_says_why_a_check_failed()
    {
        await using var tiny = await zoo.ClientAsync("acme-tiny", Programs.Installed);
        await tiny.LeadElsewhereAsync();
        await tiny.FailsAsync("http-01, EC key", "urn:ietf:params:acme:error:unauthorized", "Welcome to my home page");
    }
}
