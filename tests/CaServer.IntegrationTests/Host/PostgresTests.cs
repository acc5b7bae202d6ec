using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;
using CaServer.IntegrationTests.Acme;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Storage;

namespace CaServer.IntegrationTests.Host;

/// <summary>The same program on the other database.</summary>
public sealed class PostgresTests
{
    [Fact]
    public async Task A_server_on_PostgreSQL_issues_and_revokes_and_knows_its_accounts_after_a_restart()
    {
        Assert.SkipWhen(PostgresCluster.ProgramDirectory is null, "PostgreSQL is not installed.");
        var cancellation = TestContext.Current.CancellationToken;
        var cluster = await PostgresCluster.SharedAsync();
        await using var acme = new AcmeServer(new Dictionary<string, string>
        {
            ["Database:Provider"] = "Postgres",
            ["Database:ConnectionString"] = cluster.ConnectionString(await cluster.CreateDatabaseAsync()),
        });
        await acme.InitializeAsync();
        var account = await acme.NewAccountAsync();
        var order = await account.OrderAsync("one.localhost", "two.localhost");
        await acme.ProveAsync(account, order);
        await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For("one.localhost", "two.localhost")}}"}""");
        var done = await account.PollAsync(order.Location!, TimeSpan.FromSeconds(15), cancellation);
        Assert.True(done["status"] == "valid", done.ToString());
        using var certificate = X509Certificate2.CreateFromPem((await account.GetAsync(done["certificate"]!)).Text);
        var revoked = await account.PostAsync(
            account.Session.Url("revokeCert"), $$"""{"certificate":"{{Base64Url.EncodeToString(certificate.RawData)}}"}""");
        Assert.Equal(200, revoked.Status);

        // On a shared database nonces outlive the process that made them.
        await acme.Server.StopAsync(cancellation);
        await acme.Server.StartAgainAsync(cancellation);
        Assert.Equal("valid", (await account.GetAsync(order.Location!))["status"]);
    }
}
