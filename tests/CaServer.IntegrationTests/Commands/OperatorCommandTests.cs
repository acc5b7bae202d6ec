using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using CaServer.IntegrationTests.Acme;
using CaServer.IntegrationTests.Host;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Commands;

/// <summary><c>caserver account</c>, <c>certificate</c> and <c>revoke</c> beside a running server.</summary>
public sealed class OperatorCommandTests(AcmeServer acme)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_account_is_listed_shown_and_taken_away()
    {
        var account = await acme.NewAccountAsync();
        await account.PostAsync(account.Url, """{"contact":["mailto:somebody.unusual@example.org"]}""");
        using var certificate = await IssueAsync(account, TestKey(), "listed.operator.localhost");

        var listed = Assert.Single((await JsonAsync("account", "list", "--contact", "Unusual@example")).GetProperty("accounts").EnumerateArray());
        var number = listed.GetProperty("number").GetInt64().ToString();
        Assert.Equal(account.Url, listed.GetProperty("url").GetString());
        var shown = await JsonAsync("account", "show", account.Url);
        Assert.Equal(("valid", 1, 0), (shown.GetProperty("status").GetString(), shown.GetProperty("validCertificates").GetInt32(), shown.GetProperty("keyChanges").GetInt32()));
        Assert.Equal(account.Key.Thumbprint, shown.GetProperty("thumbprint").GetString());

        var page = await JsonAsync("account", "list", "--count", "1");
        Assert.Equal(1, page.GetProperty("next").GetInt64());
        Assert.Equal(2, (await JsonAsync("account", "list", "--count", "1", "--after", "1")).GetProperty("accounts")[0].GetProperty("number").GetInt64());

        Assert.Equal("revoked", (await JsonAsync("account", "deactivate", number)).GetProperty("status").GetString());
        var refused = await account.OrderAsync("listed.operator.localhost");
        Assert.Equal((401, "unauthorized"), (refused.Status, refused.ProblemType));
        (await RunAsync("account", "deactivate", number)).IsRefusedInOneLine("is revoked already");
        Assert.Contains((await JsonAsync("account", "list", "--status", "revoked")).GetProperty("accounts").EnumerateArray(), a => a.GetProperty("url").GetString() == account.Url);
        (await RunAsync("account", "show", "999999")).IsRefusedInOneLine("there is no account '999999'");
    }

    [Fact]
    public async Task Certificates_are_found_by_name_account_and_end_and_exported()
    {
        var account = await acme.NewAccountAsync();
        using var first = await IssueAsync(account, TestKey(), "a.find.operator.localhost", "b.find.operator.localhost");
        using var second = await IssueAsync(account, TestKey(), "c.b.find.operator.localhost");
        using var other = await IssueAsync(await acme.NewAccountAsync(), TestKey(), "xb.find.operator.localhost");

        Assert.Equal([Serial(first)], await SerialsAsync("--name", "B.find.operator.localhost"));
        Assert.Equal([Serial(second), Serial(first)], await SerialsAsync("--name", "b.find.operator.localhost", "--below"));
        Assert.Equal([Serial(other), Serial(second), Serial(first)], await SerialsAsync("--name", "find.operator.localhost", "--below"));
        Assert.Equal([Serial(second), Serial(first)], await SerialsAsync("--account", account.Url));
        Assert.Equal([Serial(second), Serial(first)], await SerialsAsync("--account", account.Url, "--expiring-within", "91d"));
        Assert.Empty(await SerialsAsync("--account", account.Url, "--expiring-within", "80d"));
        Assert.Empty(await SerialsAsync("--account", account.Url, "--status", "expired"));
        var page = await JsonAsync("certificate", "list", "--account", account.Url, "--count", "1");
        Assert.Equal(Serial(second), page.GetProperty("next").GetString());
        Assert.Equal([Serial(first)], await SerialsAsync("--account", account.Url, "--after", Serial(second)));

        var shown = await JsonAsync("certificate", "show", Serial(first).ToUpperInvariant());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(first.RawData)), shown.GetProperty("sha256").GetString());
        var checks = shown.GetProperty("checks").EnumerateArray().ToList();
        Assert.Equal(["a.find.operator.localhost", "b.find.operator.localhost"], checks.Select(c => c.GetProperty("name").GetString()));
        Assert.Contains("Checks of b.find.operator.localhost", await acme.Server.Client.GetStringAsync(checks[1].GetProperty("page").GetString(), Cancellation), StringComparison.Ordinal);
        using var scratch = new ScratchDirectory();
        var run = await RunAsync("certificate", "export", Serial(first), "--chain", "--out", scratch.File("chain.pem"));
        Assert.Equal((0, ""), (run.ExitCode, run.Output));
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(scratch.File("chain.pem"));
        Assert.Equal(2, chain.Count);
        Assert.Equal(first.RawData, chain[0].RawData);
        (await RunAsync("certificate", "export", Serial(first), "--out", scratch.File("chain.pem"))).IsRefusedInOneLine("--out", "cannot be written");
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", (await RunAsync("certificate", "export", Serial(first))).Output, StringComparison.Ordinal);
        (await RunAsync("certificate", "show", new string('4', 32))).IsRefusedInOneLine("no certificate has the serial number");
    }

    [Fact]
    public async Task A_certificate_revoked_by_serial_is_on_the_servers_CRL_within_seconds()
    {
        var account = await acme.NewAccountAsync();
        using var certificate = await IssueAsync(account, TestKey(), "serial.operator.localhost");
        var colons = string.Join(':', Serial(certificate).Chunk(2).Select(c => new string(c))).ToUpperInvariant();

        var rehearsed = await RevokeAsync("--serial", colons, "--reason", "superseded", "--dry-run");
        Assert.Equal(("wouldBeRevoked", 0), (Result(rehearsed), rehearsed.GetProperty("revoked").GetInt32()));
        Assert.Equal("valid", (await JsonAsync("certificate", "show", Serial(certificate))).GetProperty("status").GetString());

        var revoked = await RevokeAsync("--serial", colons, "--reason", "superseded", "--note", "wrong name");
        Assert.Equal(("revoked", 0), (Result(revoked), revoked.GetProperty("late").GetInt32()));
        await UntilOnCrlAsync(certificate);
        var shown = await JsonAsync("certificate", "show", Serial(certificate));
        Assert.Equal(("revoked", "superseded"), (shown.GetProperty("status").GetString(), shown.GetProperty("reason").GetString()));
        Assert.Equal(TimeSpan.FromHours(24), shown.GetProperty("deadline").GetDateTimeOffset() - shown.GetProperty("reportedAt").GetDateTimeOffset());

        Assert.Equal("alreadyRevoked", Result(await RevokeAsync("--serial", colons, "--reason", "4")));
        var again = await account.PostAsync(
            account.Session.Url("revokeCert"), $$"""{"certificate":"{{System.Buffers.Text.Base64Url.EncodeToString(certificate.RawData)}}"}""");
        Assert.Equal("alreadyRevoked", again.ProblemType);
    }

    [Theory]
    [InlineData("public")]
    [InlineData("private")]
    [InlineData("sec1")]
    [InlineData("certificate")]
    [InlineData("request")]
    [InlineData("der")]
    public async Task Every_certificate_with_a_key_is_revoked_whatever_shows_the_key(string form)
    {
        using var key = TestKey();
        var (one, two) = (await acme.NewAccountAsync(), await acme.NewAccountAsync());
        using var first = await IssueAsync(one, key, $"one.{form}.operator.localhost");
        using var second = await IssueAsync(two, key, $"two.{form}.operator.localhost");
        using var innocent = await IssueAsync(two, TestKey(), $"three.{form}.operator.localhost");
        using var scratch = new ScratchDirectory();
        var file = scratch.File("key");
        await File.WriteAllBytesAsync(file, form switch
        {
            "public" => Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()),
            "private" => Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()),
            "sec1" => Encoding.ASCII.GetBytes(key.ExportECPrivateKeyPem()),
            "certificate" => Encoding.ASCII.GetBytes(first.ExportCertificatePem()),
            "request" => Encoding.ASCII.GetBytes(new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSigningRequestPem()),
            _ => key.ExportSubjectPublicKeyInfo(),
        }, Cancellation);

        var revoked = await RevokeAsync("--key", file, "--reason", "keyCompromise");
        Assert.Equal([Serial(second), Serial(first)], revoked.GetProperty("certificates").EnumerateArray().Select(c => c.GetProperty("serial").GetString()));
        Assert.Equal(2, revoked.GetProperty("revoked").GetInt32());
        Assert.Equal("valid", (await JsonAsync("certificate", "show", Serial(innocent))).GetProperty("status").GetString());
    }

    [Fact]
    public async Task An_accounts_certificates_and_those_of_a_list_are_revoked_and_what_is_late_is_told()
    {
        var account = await acme.NewAccountAsync();
        using var first = await IssueAsync(account, TestKey(), "one.list.operator.localhost");
        using var second = await IssueAsync(account, TestKey(), "two.list.operator.localhost");
        using var scratch = new ScratchDirectory();
        var (file, unknown) = (scratch.File("serials"), "4" + new string('0', 31));
        await File.WriteAllTextAsync(file, $"# a list\n{Serial(first)} # the first\n\n{unknown}\n", Cancellation);

        var run = await RunAsync("revoke", "--file", file, "--reason", "privilegeWithdrawn", "--reported-at", "2020-01-01", "--json");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(2, run.Errors.Count);
        Assert.Contains("1 of them were revoked after their deadline", run.Errors[0], StringComparison.Ordinal);
        Assert.Contains("1 of the serial numbers are not of certificates", run.Errors[1], StringComparison.Ordinal);
        Assert.Equal(["revoked", "notFound"], JsonElement.Parse(run.Output).GetProperty("certificates").EnumerateArray().Select(c => c.GetProperty("result").GetString()));

        var rest = await RevokeAsync("--account", account.Url, "--reason", "cessationOfOperation");
        Assert.Equal([Serial(second)], rest.GetProperty("certificates").EnumerateArray().Select(c => c.GetProperty("serial").GetString()));
        await UntilOnCrlAsync(first);
        await UntilOnCrlAsync(second);

        await File.WriteAllTextAsync(file, $"{Serial(first)}\nnonsense\n", Cancellation);
        (await RunAsync("revoke", "--file", file, "--reason", "superseded")).IsRefusedInOneLine("line 2", "'nonsense' is no serial number");
        (await RunAsync("revoke", "--key", file, "--reason", "superseded")).IsRefusedInOneLine("--key", "has neither a public key nor");
    }

    [Theory]
    [InlineData("revoke", "--reason", "superseded")]
    [InlineData("revoke", "--serial", "00")]
    [InlineData("revoke", "--serial", "00", "--account", "1", "--reason", "superseded")]
    [InlineData("revoke", "--serial", "00", "--reason", "certificateHold")]
    [InlineData("revoke", "--serial", "00", "--reason", "2")]
    [InlineData("revoke", "--serial", "00", "--reason", "superseded", "--reported-at", "2999-01-01")]
    [InlineData("certificate", "list", "--below")]
    [InlineData("certificate", "list", "--count", "0")]
    [InlineData("certificate", "list", "--name", "exa mple")]
    [InlineData("certificate", "list", "--status", "revoked", "--expiring-within", "1d")]
    [InlineData("certificate", "export", "00", "--der", "--chain")]
    [InlineData("account", "list", "--status", "happy")]
    [InlineData("limits", "set", "ordersPerAccount", "1")]
    [InlineData("limits", "set", "ordersPerAccount", "1", "--count", "5", "--unlimited")]
    [InlineData("limits", "set", "nothing", "1", "--count", "5")]
    [InlineData("limits", "set", "ordersPerAccount", "1", "--count", "0")]
    [InlineData("limits", "set", "ordersPerAccount", "1", "--count", "5", "--period", "soon")]
    [InlineData("limits", "list", "--used", "0")]
    public async Task A_wrong_command_line_is_told(params string[] arguments)
    {
        var run = await RunAsync(arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.StartsWith("caserver: ", run.Errors[0], StringComparison.Ordinal);
    }

    private async Task<JsonElement> RevokeAsync(params string[] options) => await JsonAsync(["revoke", .. options]);

    private static string? Result(JsonElement revoked) => Assert.Single(revoked.GetProperty("certificates").EnumerateArray()).GetProperty("result").GetString();

    private async Task<IEnumerable<string?>> SerialsAsync(params string[] options) =>
        (await JsonAsync(["certificate", "list", .. options])).GetProperty("certificates").EnumerateArray().Select(c => c.GetProperty("serial").GetString());

    private async Task<JsonElement> JsonAsync(params IEnumerable<string> arguments)
    {
        var run = await RunAsync([.. arguments, "--json"]);
        Assert.Empty(run.Errors);
        Assert.Equal(0, run.ExitCode);
        return JsonElement.Parse(run.Output);
    }

    private Task<CommandRun> RunAsync(params IEnumerable<string> arguments) => CommandRun.OfAsync(
        [.. arguments],
        new Dictionary<string, string>
        {
            ["Data:Directory"] = acme.Server.DataDirectory,
            ["Server:PublicUrl"] = acme.Server.PublicUrl.GetLeftPart(UriPartial.Authority),
        });

    private static ECDsa TestKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static string Serial(X509Certificate2 certificate) => certificate.SerialNumber.ToLowerInvariant();

    private async Task<X509Certificate2> IssueAsync(TestAccount account, ECDsa key, params string[] names)
    {
        var order = await account.OrderAsync(names);
        await acme.ProveAsync(account, order);
        await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For(key, names)}}"}""");
        var done = await account.PollAsync(order.Location!, TimeSpan.FromSeconds(15), Cancellation);
        Assert.True(done["status"] == "valid", done.ToString());
        return X509Certificate2.CreateFromPem((await account.GetAsync(done["certificate"]!)).Text);
    }

    // The serial number as it stands in an entry: 16 octets, unlikely to occur anywhere else.
    private async Task UntilOnCrlAsync(X509Certificate2 certificate)
    {
        var url = new Uri(acme.Server.StatusUrl, new Uri(CrlUrl(certificate)).AbsolutePath);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(15));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await acme.Server.Client.GetByteArrayAsync(url, Cancellation)).AsSpan().IndexOf(certificate.SerialNumberBytes.Span) < 0)
            await timer.WaitForNextTickAsync(deadline.Token);
    }

    private static string CrlUrl(X509Certificate2 certificate)
    {
        var octets = Encoding.Latin1.GetString(certificate.Extensions["2.5.29.31"]!.RawData);
        return octets[octets.IndexOf("http", StringComparison.Ordinal)..];
    }
}
