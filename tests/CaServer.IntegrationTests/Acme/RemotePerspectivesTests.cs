using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;
using CaServer.TestKit.Storage;
using Npgsql;

namespace CaServer.IntegrationTests.Acme;

/// <summary>A server and perspectives in processes of their own, which know of each other only through PostgreSQL.</summary>
public sealed class RemotePerspectivesTests : IAsyncLifetime
{
    private static readonly (string Region, string Location)[] s_places =
        [("ripencc", "50.11,8.68"), ("arin", "38.95,-77.45"), ("apnic", "1.35,103.82"), ("lacnic", "-23.55,-46.63"), ("afrinic", "-33.92,18.42"), ("apnic", "35.68,139.69")];

    // A perspective's name is its user's in the database, and users belong to the whole PostgreSQL server.
    private readonly List<PerspectiveProcess> _perspectives = [];
    private readonly List<DnsTestServer> _dns = [];
    private PostgresCluster? _cluster;
    private string _database = "";
    private CaServerProcess? _server;
    private HttpClient? _client;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private CaServerProcess Server => _server!;

    private HttpClient Client => _client ?? Server.Client;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PostgresCluster.ProgramDirectory is null, "PostgreSQL is not installed.");
        _cluster = await PostgresCluster.SharedAsync();
        _database = await _cluster.CreateDatabaseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        foreach (var perspective in _perspectives)
            await perspective.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        foreach (var dns in _dns)
            await dns.DisposeAsync();
    }

    [Fact]
    public async Task What_they_see_counts_as_what_the_first_sees_and_the_page_and_the_log_have_it()
    {
        await StartAsync(2, new() { ["Validation:Quorum"] = "3" });
        var (account, order, authorization) = await ProveAsync([true, true, true]);
        Assert.True(authorization["status"] == "valid", $"{authorization}\n{Server.Log}\n{_perspectives[0].Log}");
        Assert.Equal(_perspectives.Select(p => p.Name).Append("local").Order(), (await ShownAsync(authorization)).Select(c => c.GetProperty("perspective").GetString()).Order());

        var finalized = await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For("split.test")}}"}""");
        var done = await account.PollAsync(order.Location!, TimeSpan.FromSeconds(30), Cancellation);
        Assert.True(done["status"] == "valid", $"{finalized}\n{done}");
        Assert.Contains($"perspectives that agree: \"3/3\" (\"local: valid, {_perspectives[0].Name}: valid, {_perspectives[1].Name}: valid\")", Server.Log, StringComparison.Ordinal);
        Assert.Contains("caserver_challenge_checks_total{method=\"dns-01\",result=\"valid\"} 1", await _perspectives[0].MetricsAsync(Cancellation), StringComparison.Ordinal);
        await RequireAllowedNothingElseAsync(_perspectives[0].Name);
        Assert.Equal(0, await _perspectives[0].StopAsync(Cancellation));
    }

    [Fact]
    public async Task One_that_sees_something_else_is_named_with_what_it_saw()
    {
        await StartAsync(2, new() { ["Validation:Quorum"] = "3" });
        var (_, _, authorization) = await ProveAsync([true, true, false]);
        Assert.Equal("invalid", authorization["status"]);
        var detail = Assert.Single(authorization.Json.GetProperty("challenges").EnumerateArray()).GetProperty("error").GetProperty("detail").GetString();
        Assert.StartsWith($"2 of 3 perspectives found the name proved and 3 must. The perspective {_perspectives[1].Name} says: ", detail, StringComparison.Ordinal);
        Assert.Contains("_acme-challenge.split.test", detail, StringComparison.Ordinal);
        Assert.Contains($"Perspectives that agree: \"2/3\" (\"local: valid, {_perspectives[0].Name}: valid, {_perspectives[1].Name}: wrong-txt-record\")", Server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_gone_is_missed_by_the_log_and_not_by_a_name_that_the_others_find_proved()
    {
        await StartAsync(2, []);
        await _perspectives[1].KillAsync();
        var (_, _, authorization) = await ProveAsync([true, true]);
        Assert.True(authorization["status"] == "valid", $"{authorization}\n{Server.Log}");
        Assert.Contains(await ShownAsync(authorization), c => CauseOf(c) == "perspective-silent");
        Assert.Contains($"The perspective \"{_perspectives[1].Name}\" had no answer within", Server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_the_server_does_not_know_states_nothing()
    {
        var impostor = new PerspectiveProcess($"p{_database}other");
        await StartAsync(1, [], impostor);
        var (_, _, authorization) = await ProveAsync([true, true]);
        Assert.Equal("invalid", authorization["status"]);
        Assert.Contains(await ShownAsync(authorization), c => CauseOf(c) == "perspective-faulty");
        await impostor.DisposeAsync();
    }

    [Fact]
    public async Task Under_webpki_one_of_five_and_two_of_six_far_apart_may_fail_but_not_the_first()
    {
        using var scratch = new ScratchDirectory();
        using var certificate = await StartPublicAsync(scratch, 6);
        var (account, order, authorization) = await ProveAsync([true, true, true, true, true, false, false], "six.example.com");
        Assert.True(authorization["status"] == "valid", $"{authorization}\n{Server.Log}");
        var finalized = await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For("six.example.com")}}"}""");
        var done = await account.PollAsync(order.Location!, TimeSpan.FromSeconds(30), Cancellation);
        Assert.True(done["status"] == "valid", $"{finalized}\n{done}\n{Server.Log}");
        Assert.Contains("perspectives that agree: \"4/6\"", Server.Log, StringComparison.Ordinal);
        await IsRefusedAsync([true, true, true, true, false, false, false], "six-three.example.com", "3 of 6 remote perspectives agree and 4 must");

        await Server.StopAsync(Cancellation);
        Server.Unset($"Validation:Remotes:{_perspectives[5].Name}:Region");
        Server.Unset($"Validation:Remotes:{_perspectives[5].Name}:Location");
        await Server.StartAgainAsync(Cancellation);
        (_, _, authorization) = await ProveAsync([true, true, true, true, true, false], "five.example.com");
        Assert.True(authorization["status"] == "valid", $"{authorization}\n{Server.Log}");
        Assert.Contains("perspectives that agree: \"4/5\"", Server.Log, StringComparison.Ordinal);
        await IsRefusedAsync([true, true, true, true, false, false], "five-two.example.com", "3 of 5 remote perspectives agree and 4 must");
        await IsRefusedAsync([false, true, true, true, true, true], "first.example.com", "the primary perspective does not agree");
    }

    private async Task IsRefusedAsync(bool[] sees, string name, string reason)
    {
        var (_, _, refused) = await ProveAsync(sees, name);
        Assert.Equal("invalid", refused["status"]);
        Assert.Contains(reason, refused.ToString(), StringComparison.Ordinal);
    }

    // The server's TLS certificate cannot be its own under webpki.
    private async Task<X509Certificate2> StartPublicAsync(ScratchDirectory scratch, int remotes)
    {
        var (suffixes, tls, tlsKey) = (scratch.File("suffixes"), scratch.File("tls.pem"), scratch.File("tls.key"));
        await File.WriteAllTextAsync(suffixes, "com\norg\n", Cancellation);
        var certificate = SelfSigned("localhost", tls, tlsKey);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(certificate);
        _client = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } });
        await StartAsync(remotes, new()
        {
            ["Policy:Preset"] = "webpki",
            ["Policy:PublicSuffixList"] = suffixes,
            ["Authority:Country"] = "DE",
            ["Server:TlsCertificateFile"] = tls,
            ["Server:TlsKeyFile"] = tlsKey,
            ["Validation:Dnssec"] = "true",
            ["Acme:CaaIdentities:0"] = "ca.example.org",
        });
        return certificate;
    }

    private async Task RequireAllowedNothingElseAsync(string user)
    {
        await using var source = NpgsqlDataSource.Create(AsUser(user));
        foreach (var statement in new[] { "SELECT 1 FROM accounts", "DELETE FROM remote_checks", "UPDATE remote_checks SET request = NULL", "INSERT INTO remote_checks (asker) VALUES ('x')" })
        {
            await using var command = source.CreateCommand(statement);
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancellation))).SqlState);
        }
    }

    private static X509Certificate2 SelfSigned(string host, string certificateFile, string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return certificate;
    }

    private static string? CauseOf(JsonElement check) => check.TryGetProperty("cause", out var cause) ? cause.GetString() : null;

    private string AsUser(string user) => new NpgsqlConnectionStringBuilder(_cluster!.ConnectionString(_database)) { Username = user }.ConnectionString;

    // Each perspective has a DNS server and a database user of its own; impostor: its key is not the one that the server was told.
    private async Task StartAsync(int remotes, Dictionary<string, string> settings, PerspectiveProcess? told = null)
    {
        _dns.AddRange(await Task.WhenAll(Enumerable.Range(0, remotes + 1).Select(_ => DnsTestServer.StartAsync(Cancellation))));
        _perspectives.AddRange(Enumerable.Range(0, remotes).Select(i => new PerspectiveProcess($"p{_database}{(char)('a' + i)}")));
        var all = new Dictionary<string, string>(settings)
        {
            ["Database:Provider"] = "Postgres",
            ["Database:ConnectionString"] = _cluster!.ConnectionString(_database),
            ["Validation:Resolvers:0"] = $"{_dns[0].Endpoint}",
            ["Validation:Attempts"] = "1",
        };
        foreach (var perspective in _perspectives)
            (all[$"Validation:Remotes:{perspective.Name}:Region"], all[$"Validation:Remotes:{perspective.Name}:Location"]) = s_places[_perspectives.IndexOf(perspective)];
        _server = await CaServerProcess.StartAsync(
            all,
            server =>
            {
                foreach (var perspective in _perspectives)
                    (told ?? perspective).Introduce(server, perspective.Name);
            },
            Cancellation);
        await using var source = NpgsqlDataSource.Create(_cluster.ConnectionString(_database));
        foreach (var perspective in _perspectives)
        {
            await using var command = source.CreateCommand(SqlOfThePage().Replace("NAME", perspective.Name, StringComparison.Ordinal));
            await command.ExecuteNonQueryAsync(Cancellation);
        }
        await Task.WhenAll(_perspectives.Select((perspective, i) => perspective.StartAsync(
            new Dictionary<string, string>
            {
                ["Database:Provider"] = "Postgres",
                ["Database:ConnectionString"] = AsUser(perspective.Name),
                ["Validation:Resolvers:0"] = $"{_dns[i + 1].Endpoint}",
                ["Validation:AllowedNetworks:0"] = "127.0.0.0/8",
                ["Policy:Preset"] = settings.GetValueOrDefault("Policy:Preset", "private"),
                ["Acme:CaaIdentities:0"] = "ca.example.org",
            },
            Cancellation)));
    }

    // What operators are told to run.
    private static string SqlOfThePage()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "perspectives.md"));
        const string begin = "```sql";
        var from = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        return page[from..page.IndexOf("```", from, StringComparison.Ordinal)];
    }

    // Each DNS server that sees has the record; the others have one for somebody else.
    private async Task<(TestAccount Account, AcmeAnswer Order, AcmeAnswer Authorization)> ProveAsync(bool[] sees, string name = "split.test")
    {
        var account = await (await AcmeSession.OpenAsync(Client, Server.Directory, Cancellation)).CreateAccountAsync();
        var order = await account.OrderAsync(name);
        var url = order.Json.GetProperty("authorizations")[0].GetString()!;
        var challenge = (await account.GetAsync(url)).Json.GetProperty("challenges").EnumerateArray().Single(c => c.GetProperty("type").GetString() == "dns-01");
        var value = System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes($"{challenge.GetProperty("token").GetString()}.{account.Key.Thumbprint}")));
        foreach (var (dns, sight) in _dns.Zip(sees))
            await dns.AddTextAsync($"_acme-challenge.{name}", sight ? value : new string('x', value.Length));
        await account.PostAsync(challenge.GetProperty("url").GetString()!, "{}");
        return (account, order, await account.PollAsync(url, TimeSpan.FromSeconds(60), Cancellation));
    }

    private async Task<List<JsonElement>> ShownAsync(AcmeAnswer authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, authorization.Link("help"));
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        using var response = await Client.SendAsync(request, Cancellation);
        var json = (await AcmeAnswer.ReadAsync(response, Cancellation)).Json;
        return [.. json.GetProperty("challenges").EnumerateArray().SelectMany(c => c.GetProperty("checks").EnumerateArray())];
    }
}
