namespace CaServer.IntegrationTests.Zoo;

public sealed class AcmetoolTests(Zoo zoo)
{
    [Fact]
    public async Task Acmetool_does_what_the_page_says()
    {
        await using var acmetool = await zoo.ClientAsync("acmetool", Programs.Installed);
        acmetool.ServeFolder();
        await acmetool.ObtainsAsync("http-01, EC key", "acme/live/$NAME/fullchain", "EC 256", "$NAME", "www.$NAME");
        await acmetool.JudgesAcceptAsync("acme/live/$NAME/fullchain");
        await acmetool.ObtainsAsync("RSA key", "acme/live/rsa.$NAME/cert", "RSA 3072", "rsa.$NAME");
        await acmetool.ObtainsAsync("dns-01, wildcard", "acme/live/wild.$NAME/cert", "EC 256", "*.wild.$NAME", "wild.$NAME");
        acmetool.HasDoneAllBut();
    }

    [Fact]
    public async Task Acmetool_says_that_a_check_failed()
    {
        await using var acmetool = await zoo.ClientAsync("acmetool", Programs.Installed);
        await acmetool.LeadElsewhereAsync();
        await acmetool.FailsAsync("http-01, EC key", "exhausted all possible challenges");
    }
}
