using System.Security.Cryptography.X509Certificates;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Crash;

/// <summary>
/// A client that wants one certificate and does not give up: it keeps what the server told it, and when it runs again it asks how things stand
/// and does what is left to do.
/// </summary>
internal sealed class ResumingClient(CaServerProcess server, Http01Responder responder)
{
    private const string Name = "crash.localhost";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TestAccountKey _key = TestAccountKey.Create();
    private readonly string _csr = TestCsr.For(Name);
    private string? _order;

    /// <summary>Takes the order to its end.</summary>
    /// <returns>The certificate with its chain.</returns>
    /// <exception cref="HttpRequestException">The server went away.</exception>
    public async Task<X509Certificate2Collection> RunAsync(CancellationToken cancellation)
    {
        // A new conversation: after a restart the server knows none of the old nonces.
        var session = await AcmeSession.OpenAsync(server.Client, server.Directory, cancellation);
        var account = await FindOrCreateAccountAsync(session);
        _order ??= Expect(201, await account.OrderAsync(Name)).Location!;
        while (true)
        {
            var order = Expect(200, await account.GetAsync(_order));
            switch (order["status"])
            {
                case "pending":
                    await ProveAsync(account, order.Json.GetProperty("authorizations")[0].GetString()!, cancellation);
                    break;
                case "ready":
                    Expect(200, await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{_csr}}"}"""));
                    break;
                case "processing":
                    await account.PollAsync(_order, Patience, cancellation);
                    break;
                case "valid":
                    return Pem(Expect(200, await account.GetAsync(order["certificate"]!)).Text);
                default:
                    throw new InvalidOperationException($"The order failed: {order}");
            }
        }
    }

    // RFC 8555 §7.3.1: the same request finds the account that it created before.
    private async Task<TestAccount> FindOrCreateAccountAsync(AcmeSession session)
    {
        var answer = await session.PostWithKeyAsync(_key, session.Url("newAccount"), """{"termsOfServiceAgreed":true}""");
        Assert.True(answer.Status is 200 or 201, answer.ToString());
        return new TestAccount(session, _key, answer.Location!);
    }

    private async Task ProveAsync(TestAccount account, string url, CancellationToken cancellation)
    {
        var authorization = Expect(200, await account.GetAsync(url));
        var challenge = authorization.Json.GetProperty("challenges").EnumerateArray().Single(c => c.GetProperty("type").GetString() == "http-01");
        var token = challenge.GetProperty("token").GetString()!;
        responder.Answer(token, token + "." + _key.Thumbprint);
        if (challenge.GetProperty("status").GetString() == "pending")
            Expect(200, await account.PostAsync(challenge.GetProperty("url").GetString()!, "{}"));
        var done = await account.PollAsync(url, Patience, cancellation);
        Assert.True(done["status"] == "valid", done.ToString());
    }

    private static AcmeAnswer Expect(int status, AcmeAnswer answer)
    {
        Assert.True(answer.Status == status, answer.ToString());
        return answer;
    }

    private static X509Certificate2Collection Pem(string text)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(text);
        return chain;
    }
}
