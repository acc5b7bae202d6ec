namespace CaServer.IntegrationTests.Zoo;

public sealed class NodeClientTests(Zoo zoo)
{
    private const string Client = "acme-client for Node.js";

    [Fact]
    public async Task The_Node_client_does_what_the_page_says()
    {
        await using var node = await zoo.ClientAsync(Client, Programs.Installed);
        node.ServeFolder();
        await node.ObtainsAsync("http-01, EC key", "ec.pem", "EC 256", "$NAME", "www.$NAME");
        await node.JudgesAcceptAsync("ec.pem");
        await node.ObtainsAsync("RSA key", "rsa.pem", "RSA 3072", "rsa.$NAME");
        await node.ObtainsAsync("dns-01, wildcard", "wild.pem", "EC 256", "*.wild.$NAME", "wild.$NAME");
        await node.RunAsync("account key");
        await node.RenewsAsync("renew", "ec.pem");
        await node.RevokesAsync("revoke", "rsa.pem");
        await using var bound = await zoo.BoundClientAsync(Client, Programs.Installed);
        await bound.RunAsync("external account");
        node.HasDoneAllBut("external account");
    }

    [Fact]
    public async Task The_Node_client_says_why_a_check_failed()
    {
        await using var node = await zoo.ClientAsync(Client, Programs.Installed);
        await node.LeadElsewhereAsync();
        await node.FailsAsync("http-01, EC key", "Welcome to my home page");
    }
}
