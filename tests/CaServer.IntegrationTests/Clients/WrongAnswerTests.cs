using CaServer.TestKit.Http;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Clients;

/// <summary>What a person reads in the client's output when the check of a name fails.</summary>
[Collection(RealClientsTests.Name)]
public sealed class WrongAnswerTests(RealClients clients) : IDisposable
{
    private readonly Certbot _certbot = new(clients.Server);

    public void Dispose() => _certbot.Dispose();

    [Fact]
    public async Task A_web_server_with_another_answer_is_told_what_it_said_instead()
    {
        await using var web = new Responder(x => x.AnswerAsync(200, "Welcome to my home page"), port: clients.Server.Http01Port);

        var result = await _certbot.ObtainWithoutAnsweringAsync("wrong.example.com");

        AssertFailedWith(result, "unauthorized", "wrong.example.com", "Welcome to my home page");
    }

    [Fact]
    public async Task A_web_server_without_the_file_is_told_its_own_status_code()
    {
        await using var web = new Responder(x => x.AnswerAsync(404, "no such page"), port: clients.Server.Http01Port);

        var result = await _certbot.ObtainWithoutAnsweringAsync("missing.example.com");

        AssertFailedWith(result, "unauthorized", "missing.example.com", "404");
    }

    [Fact]
    public async Task A_name_where_nobody_listens_is_told_that_the_connection_was_refused()
    {
        var result = await _certbot.ObtainWithoutAnsweringAsync("nobody.example.com");

        AssertFailedWith(result, "connection", "nobody.example.com", "refused");
    }

    [Fact]
    public async Task A_name_that_DNS_cannot_tell_is_told_so()
    {
        await clients.Dns.FailAsync("broken.example.com");

        var result = await _certbot.ObtainWithoutAnsweringAsync("broken.example.com");

        AssertFailedWith(result, "dns", "broken.example.com", "SERVFAIL");
    }

    // RFC 8555 §6.7: the type of the problem is what a client can act on, the detail what a person can.
    private void AssertFailedWith(ProgramResult result, string problemType, params string[] parts)
    {
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains($"Type:   {problemType}", result.Output, StringComparison.Ordinal);
        foreach (var part in parts)
            Assert.True(result.Output.Contains(part, StringComparison.OrdinalIgnoreCase), $"'{part}' is not in:\n{result.Output}\n{clients.Server.Log}");
    }
}
