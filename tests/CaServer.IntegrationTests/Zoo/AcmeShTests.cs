namespace CaServer.IntegrationTests.Zoo;

public sealed class AcmeShTests(Zoo zoo)
{
    [Fact]
    public async Task AcmeSh_does_what_the_page_says()
    {
        await using var acmeSh = await zoo.ClientAsync("acme.sh", Programs.Newer);
        acmeSh.ServeFolder();
        await acmeSh.RunAsync("account");
        await acmeSh.ObtainsAsync("http-01, EC key", ".acme.sh/$NAME_ecc/fullchain.cer", "EC 256", "$NAME", "www.$NAME");
        await acmeSh.JudgesAcceptAsync(".acme.sh/$NAME_ecc/fullchain.cer");
        await acmeSh.ObtainsAsync("RSA key", ".acme.sh/rsa.$NAME/rsa.$NAME.cer", "RSA 3072", "rsa.$NAME");
        await acmeSh.ObtainsAsync("dns-01, wildcard", ".acme.sh/wild.$NAME_ecc/wild.$NAME.cer", "EC 256", "*.wild.$NAME", "wild.$NAME");
        await acmeSh.RenewsAsync("renew", ".acme.sh/$NAME_ecc/$NAME.cer");
        await acmeSh.ObtainsAsync("address", ".acme.sh/$ADDRESS_ecc/$ADDRESS.cer", "EC 256", "$ADDRESS");
        await acmeSh.RevokesAsync("revoke", ".acme.sh/rsa.$NAME/rsa.$NAME.cer");

        // It answers tls-alpn-01 at all addresses, whatever --local-address says: at this server, where no other client does.
        await using var bound = await zoo.BoundClientAsync("acme.sh", Programs.Newer);
        await bound.RunAsync("external account");
        await bound.ObtainsAsync("tls-alpn-01", ".acme.sh/tls.$NAME_ecc/tls.$NAME.cer", "EC 256", "tls.$NAME");
        acmeSh.HasDoneAllBut("external account", "tls-alpn-01");
    }

    [Fact]
    public async Task AcmeSh_says_why_a_check_failed()
    {
        await using var acmeSh = await zoo.ClientAsync("acme.sh", Programs.Newer);
        await acmeSh.LeadElsewhereAsync();
        await acmeSh.RunAsync("account");
        await acmeSh.FailsAsync("http-01, EC key", "Welcome to my home page");
    }
}
