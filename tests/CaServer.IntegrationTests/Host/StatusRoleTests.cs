using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using CaServer.Domain;
using CaServer.IntegrationTests.Acme;
using CaServer.Pki.X509;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;
using CaServer.TestKit.Storage;
using Npgsql;

namespace CaServer.IntegrationTests.Host;

/// <summary>A process that only serves status, beside the one that does everything else: it has no token and only reads the database.</summary>
public sealed class StatusRoleTests
{
    private const byte Good = 0x80;
    private const byte Revoked = 0xa1;

    private static readonly byte[] s_unauthorized = [0x30, 0x03, 0x0a, 0x01, 0x06];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Beside_a_server_on_SQLite_it_reads_only_and_tells_what_the_server_revokes_also_after_the_servers_restart()
    {
        await using var acme = new AcmeServer([]);
        await acme.InitializeAsync();
        await using var status = await StatusProcess.StartAsync(
            new Dictionary<string, string> { ["Data:Directory"] = acme.Server.DataDirectory }, Cancellation);
        await ServesWhatTheServerRevokesAsync(acme, status);
        var database = status.OpenFiles.Where(f => f.Path == acme.Server.DatabaseFile).ToList();
        Assert.NotEmpty(database);
        Assert.DoesNotContain(database, f => f.IsWritable);
        Assert.DoesNotContain(status.OpenFiles, f => f.Path.StartsWith(Path.Combine(acme.Server.DataDirectory, "hsm"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Beside_a_server_on_PostgreSQL_it_needs_a_user_that_may_only_SELECT()
    {
        Assert.SkipWhen(PostgresCluster.ProgramDirectory is null, "PostgreSQL is not installed.");
        var cluster = await PostgresCluster.SharedAsync();
        var connection = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await using var acme = new AcmeServer(new() { ["Database:Provider"] = "Postgres", ["Database:ConnectionString"] = connection });
        await acme.InitializeAsync();
        await using (var source = NpgsqlDataSource.Create(connection))
        await using (var command = source.CreateCommand(
            "CREATE ROLE status_reader LOGIN; GRANT USAGE ON SCHEMA public TO status_reader; GRANT SELECT ON ALL TABLES IN SCHEMA public TO status_reader"))
        {
            await command.ExecuteNonQueryAsync(Cancellation);
        }
        await using var status = await StatusProcess.StartAsync(
            new Dictionary<string, string>
            {
                ["Database:Provider"] = "Postgres",
                ["Database:ConnectionString"] = new NpgsqlConnectionStringBuilder(connection) { Username = "status_reader" }.ConnectionString,
            },
            Cancellation);
        await ServesWhatTheServerRevokesAsync(acme, status);
    }

    private static async Task ServesWhatTheServerRevokesAsync(AcmeServer acme, StatusProcess status)
    {
        using var http = new HttpClient { BaseAddress = status.Url };
        var account = await acme.NewAccountAsync();
        using var first = await IssueAsync(acme, account, "one.status.localhost");
        using var second = await IssueAsync(acme, account, "two.status.localhost");
        var issuer = IssuerCertificate.Parse(await http.GetByteArrayAsync("/ca/issuing.der", Cancellation));
        await UntilAsync(async () => await StatusOfAsync(http, issuer, Serial(first)) == Good && await StatusOfAsync(http, issuer, Serial(second)) == Good);
        Assert.Equal(s_unauthorized, await AskAsync(http, issuer, SerialNumber.Generate()));
        var before = await CrlAsync(http);

        await RevokeAsync(account, first);
        await UntilAsync(async () => await StatusOfAsync(http, issuer, Serial(first)) == Revoked);
        await UntilAsync(async () => (await CrlAsync(http)).Lists(first));
        Assert.Equal(Good, await StatusOfAsync(http, issuer, Serial(second)));
        var between = await CrlAsync(http);
        Assert.True(between.Number > before.Number);

        // While the server is away what it left is served on.
        await acme.Server.StopAsync(Cancellation);
        Assert.Equal(Revoked, await StatusOfAsync(http, issuer, Serial(first)));
        Assert.True((await CrlAsync(http)).Lists(first));
        await acme.Server.StartAgainAsync(Cancellation);
        await RevokeAsync(account, second);
        await UntilAsync(async () => await StatusOfAsync(http, issuer, Serial(second)) == Revoked && (await CrlAsync(http)).Lists(second));
        Assert.True((await CrlAsync(http)).Number > between.Number);
        issuer.Dispose();
    }

    private static async Task<X509Certificate2> IssueAsync(AcmeServer acme, TestAccount account, string name)
    {
        var order = await account.OrderAsync(name);
        await acme.ProveAsync(account, order);
        await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For(name)}}"}""");
        var done = await account.PollAsync(order.Location!, TimeSpan.FromSeconds(15), Cancellation);
        Assert.True(done["status"] == "valid", done.ToString());
        return X509Certificate2.CreateFromPem((await account.GetAsync(done["certificate"]!)).Text);
    }

    private static async Task RevokeAsync(TestAccount account, X509Certificate2 certificate)
    {
        var url = account.Session.Url("revokeCert");
        var request = $$"""{"certificate":"{{Base64Url.EncodeToString(certificate.RawData)}}"}""";
        var answer = await account.PostAsync(url, request);
        // On SQLite a restart forgets nonces.
        if (answer.ProblemType == "badNonce")
            answer = await account.PostAsync(url, request);
        Assert.True(answer.Status == 200, answer.ToString());
    }

    private static SerialNumber Serial(X509Certificate2 certificate) =>
        SerialNumber.TryParse(certificate.SerialNumber, out var serial) ? serial : throw new FormatException(certificate.SerialNumber);

    // certStatus follows the CertID: [0] NULL or [1] RevokedInfo.
    private static async Task<byte> StatusOfAsync(HttpClient http, IssuerCertificate issuer, SerialNumber serial)
    {
        var answer = await AskAsync(http, issuer, serial);
        var id = new OcspIssuer(issuer).EncodeCertId(OcspHash.Sha1, serial);
        var place = answer.AsSpan().IndexOf(id);
        return place < 0 ? (byte)0 : answer[place + id.Length];
    }

    private static async Task<byte[]> AskAsync(HttpClient http, IssuerCertificate issuer, SerialNumber serial)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
            writer.WriteEncodedValue(new OcspIssuer(issuer).EncodeCertId(OcspHash.Sha1, serial));
        using var content = new ByteArrayContent(writer.Encode());
        content.Headers.ContentType = new("application/ocsp-request");
        using var answer = await http.PostAsync("/ocsp/issuing", content, Cancellation);
        return await answer.Content.ReadAsByteArrayAsync(Cancellation);
    }

    private static async Task<PublishedCrl> CrlAsync(HttpClient http)
    {
        var der = await http.GetByteArrayAsync("/crl/issuing/0.crl", Cancellation);
        return new PublishedCrl(CertificateRevocationListBuilder.Load(der, out var number), number);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
            await timer.WaitForNextTickAsync(deadline.Token);
    }

    private sealed record PublishedCrl(CertificateRevocationListBuilder Entries, System.Numerics.BigInteger Number)
    {
        public bool Lists(X509Certificate2 certificate) => Entries.RemoveEntry(certificate.SerialNumberBytes.Span);
    }
}
