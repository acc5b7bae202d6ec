using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CaServer.IntegrationTests.Host;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Http;
using CaServer.TestKit.Processes;
using MimeKit;

namespace CaServer.IntegrationTests.Commands;

/// <summary><c>caserver control</c> beside a running server, with a real DNS server, web server and mail server; and the page in the e-mail.</summary>
public sealed class ControlCommandTests(ControlCommandTests.Lab lab) : IClassFixture<ControlCommandTests.Lab>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("txt", "www.txt.test", "dns-txt", "3.2.2.4.7")]
    [InlineData("txt", "*.txt.test", "dns-txt", "3.2.2.4.7")]
    [InlineData("cname", "www.cname.test", "dns-cname", "3.2.2.4.7")]
    [InlineData("file", "www.file.test", "http-file", "3.2.2.4.18")]
    public async Task What_a_person_publishes_proves_a_name_and_the_next_order_is_issued_without_a_challenge(string how, string name, string method, string section)
    {
        var account = await lab.NewAccountAsync();
        var made = await JsonAsync("control", "request", name, "--account", account.Url, "--method", how);
        Assert.Equal(("waiting", method, section, account.Url), (Text(made, "state"), Text(made, "method"), Text(made, "section"), Text(made, "account")));
        var (id, publish) = ($"{made.GetProperty("id").GetInt64()}", made.GetProperty("publish"));

        var early = await RunAsync("control", "check", id, "--json");
        Assert.Equal(1, early.ExitCode);
        Assert.False(JsonElement.Parse(early.Output).GetProperty("proved").GetBoolean(), early.Output);
        Assert.Equal("pending", (await account.OrderAsync(name))["status"]);

        await PublishAsync(how, publish);
        var done = await JsonAsync("control", "check", id);
        Assert.True(done.GetProperty("proved").GetBoolean());

        var order = await account.OrderAsync(name);
        Assert.True(order["status"] == "ready", order.ToString());
        Assert.Equal(Text(done, "authorization"), order.Json.GetProperty("authorizations")[0].GetString());
        var authorization = await account.GetAsync(Text(done, "authorization"));
        Assert.Equal("valid", authorization["status"]);
        // It was no ACME challenge.
        Assert.Empty(authorization.Json.GetProperty("challenges").EnumerateArray());
        await IssueAsync(account, order, name);
        (await RunAsync("control", "check", id)).IsRefusedInOneLine("proved", "control request");
    }

    [Fact]
    public async Task The_reader_of_an_e_mail_confirms_on_a_page_whose_link_may_be_followed_by_programs()
    {
        var account = await lab.NewAccountAsync();
        var made = await JsonAsync("control", "request", "www.mail.test", "--account", account.Url, "--method", "email", "--contact", "hostmaster@mail.test");
        Assert.Equal(("email-constructed", "3.2.2.4.4", "hostmaster@mail.test"), (Text(made, "method"), Text(made, "section"), Text(made, "recipient")));
        Assert.False(made.TryGetProperty("publish", out _));
        var id = $"{made.GetProperty("id").GetInt64()}";
        var mail = lab.MailTo("hostmaster@mail.test");
        Assert.Equal("Please confirm: certificates for www.mail.test", mail.Subject);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        var link = LinkIn(mail.TextBody);
        Assert.StartsWith(new Uri(lab.Server.PublicUrl, "/control/").AbsoluteUri, link, StringComparison.Ordinal);
        Assert.Contains(link, mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains(account.Url, mail.TextBody, StringComparison.Ordinal);

        using var page = await lab.Server.Client.GetAsync(link, Cancellation);
        var text = await page.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        foreach (var part in (string[])["www.mail.test", account.Url, "CaServer Issuing CA", "<button class=\"yes\">Confirm</button>"])
            Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.Contains("form-action 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("no-store", page.Headers.CacheControl!.ToString());
        Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
        await IsNotProvedAsync(id, "not-confirmed");

        using var confirmed = await lab.Server.Client.PostAsync(link, null, Cancellation);
        Assert.Contains("You have confirmed", await confirmed.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.True((await JsonAsync("control", "check", id)).GetProperty("proved").GetBoolean());

        var order = await account.OrderAsync("www.mail.test");
        Assert.True(order["status"] == "ready", order.ToString());
        await IssueAsync(account, order, "www.mail.test");
        Assert.DoesNotContain(link[^32..], lab.Server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_value_in_an_e_mail_can_be_entered_with_the_command_and_no_other_can()
    {
        var account = await lab.NewAccountAsync();
        await lab.Dns.AddTextAsync("_validation-contactemail.contact.test", "it@elsewhere.test");
        var made = await JsonAsync("control", "request", "*.contact.test", "--account", account.Url, "--method", "email");
        Assert.Equal(("email-txt", "it@elsewhere.test"), (Text(made, "method"), Text(made, "recipient")));
        var id = $"{made.GetProperty("id").GetInt64()}";

        await IsNotProvedAsync(id, "other-value", "--value", new string('a', 32));
        Assert.True((await JsonAsync("control", "check", id, "--value", LinkIn(lab.MailTo("it@elsewhere.test").TextBody)[^32..])).GetProperty("proved").GetBoolean());

        var order = await account.OrderAsync("*.contact.test");
        Assert.True(order["status"] == "ready", order.ToString());
        await IssueAsync(account, order, "*.contact.test");
    }

    [Fact]
    public async Task Who_refuses_ends_the_request_and_who_comes_late_is_told_so()
    {
        var account = await lab.NewAccountAsync();
        var made = await JsonAsync("control", "request", "refused.test", "--account", account.Url, "--method", "email", "--contact", "admin@refused.test");
        var link = LinkIn(lab.MailTo("admin@refused.test").TextBody);

        using var refused = await lab.Server.Client.PostAsync(link + "/refuse", null, Cancellation);
        Assert.Contains("You have refused", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using var confirmed = await lab.Server.Client.PostAsync(link, null, Cancellation);
        Assert.Contains("You have refused", await confirmed.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        (await RunAsync("control", "check", $"{made.GetProperty("id").GetInt64()}", "--value", link[^32..])).IsRefusedInOneLine("refused");

        foreach (var path in (string[])["/control/" + new string('a', 32), "/control/x"])
        {
            using var unknown = await lab.Server.Client.GetAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        }
    }

    [Fact]
    public async Task A_real_client_gets_its_certificate_without_a_challenge()
    {
        using var certbot = new Clients.Certbot(lab.Server);
        (await certbot.RegisterAsync()).Succeeded();
        var account = (await JsonAsync("account", "list")).GetProperty("accounts").EnumerateArray().Last().GetProperty("url").GetString()!;
        var made = await JsonAsync("control", "request", "certbot.test", "--account", account, "--method", "txt");
        await lab.Dns.AddTextAsync("certbot.test", Text(made.GetProperty("publish"), "value"));
        await JsonAsync("control", "check", $"{made.GetProperty("id").GetInt64()}");

        (await certbot.ObtainWithoutAnsweringAsync("certbot.test")).Succeeded();
    }

    [Fact]
    public async Task Requests_are_listed_and_taken_back()
    {
        var account = await lab.NewAccountAsync();
        var made = await JsonAsync("control", "request", "listed.test", "--account", account.Url, "--method", "txt");
        var id = made.GetProperty("id").GetInt64();
        Assert.Equal(id, Assert.Single((await JsonAsync("control", "list", "--account", account.Url)).GetProperty("requests").EnumerateArray()).GetProperty("id").GetInt64());

        Assert.Equal("cancelled", Text(await JsonAsync("control", "cancel", $"{id}"), "state"));

        Assert.Empty((await JsonAsync("control", "list", "--account", account.Url)).GetProperty("requests").EnumerateArray());
        Assert.Equal("cancelled", Text(Assert.Single((await JsonAsync("control", "list", "--all", "--account", account.Url)).GetProperty("requests").EnumerateArray()), "state"));
        (await RunAsync("control", "cancel", $"{id}")).IsRefusedInOneLine("cancelled");
        await lab.Dns.AddTextAsync("_ca-control.listed.test", Text(made.GetProperty("publish"), "value"));
        (await RunAsync("control", "check", $"{id}")).IsRefusedInOneLine("cancelled");
    }

    [Fact]
    public async Task What_cannot_be_asked_is_refused_in_one_line_that_says_what_to_do()
    {
        var account = (await lab.NewAccountAsync()).Url;
        (await RunAsync("control", "request", "*.file.test", "--account", account, "--method", "file")).IsRefusedInOneLine("txt or cname");
        (await RunAsync("control", "request", "127.0.0.1", "--account", account, "--method", "txt")).IsRefusedInOneLine("--method file");
        (await RunAsync("control", "request", "127.0.0.1", "--account", account, "--method", "email")).IsRefusedInOneLine("--method file");
        (await RunAsync("control", "request", "none.test", "--account", account, "--method", "email")).IsRefusedInOneLine("no contact", "hostmaster@none.test");
        (await RunAsync("control", "request", "none.test", "--account", account, "--method", "email", "--contact", "me@none.test")).IsRefusedInOneLine("me@none.test", "admin@none.test");
        (await RunAsync("control", "request", "none.test", "--account", account + "x", "--method", "txt")).IsRefusedInOneLine("there is no account");
        (await RunAsync("control", "check", "999999")).IsRefusedInOneLine("999999", "control list");
        var silent = lab.Settings;
        silent["Mail:Server"] = $"127.0.0.1:{LoopbackPorts.Next()}";
        var unsent = await CommandRun.OfAsync(["control", "request", "none.test", "--account", account, "--method", "email", "--contact", "admin@none.test"], silent);
        unsent.IsRefusedInOneLine("did not take the e-mail", "section Mail");
        // A server that offers no protection gets nothing, unless the operator says that it need not.
        silent["Mail:Server"] = lab.Settings["Mail:Server"];
        silent.Remove("Mail:Tls");
        (await CommandRun.OfAsync(["control", "request", "none.test", "--account", account, "--method", "email", "--contact", "admin@none.test"], silent)).IsRefusedInOneLine("STARTTLS");
        Assert.All((await JsonAsync("control", "list", "--all", "--account", account)).GetProperty("requests").EnumerateArray(), r => Assert.Equal("cancelled", Text(r, "state")));
    }

    [Fact]
    public async Task A_mail_server_with_STARTTLS_is_spoken_to_under_its_protection_and_only_if_its_certificate_is_trusted()
    {
        using var scratch = new ScratchDirectory();
        await WriteCertificateAsync(scratch);
        await using var mail = await MailTestServer.StartAsync((scratch.File("mail.pem"), scratch.File("mail.key")), cancellation: Cancellation);
        var settings = lab.Settings;
        settings["Mail:Server"] = $"127.0.0.1:{mail.Port}";
        settings["Mail:Tls"] = "starttls";
        string[] command = ["control", "request", "protected.test", "--account", (await lab.NewAccountAsync()).Url, "--method", "email", "--contact", "admin@protected.test"];

        (await CommandRun.OfAsync(command, settings)).IsRefusedInOneLine("did not take the e-mail", "section Mail");
        Assert.Empty(mail.Messages);
        var sent = await CommandRun.OfAsync(command, settings, environment: new Dictionary<string, string> { ["SSL_CERT_FILE"] = scratch.File("mail.pem") });
        Assert.True(sent.ExitCode == 0, string.Join('\n', sent.Errors));
        Assert.Single(mail.Messages);
    }

    [Fact]
    public async Task A_mail_server_that_wants_a_log_on_gets_the_name_and_the_password_in_the_file()
    {
        using var scratch = new ScratchDirectory();
        await WriteCertificateAsync(scratch);
        await using var mail = await MailTestServer.StartAsync((scratch.File("mail.pem"), scratch.File("mail.key")), ("caserver", "a secret"), Cancellation);
        var settings = lab.Settings;
        (settings["Mail:Server"], settings["Mail:Tls"], settings["Mail:UserName"]) = ($"127.0.0.1:{mail.Port}", "starttls", "caserver");
        settings["Mail:PasswordFile"] = scratch.File("password");
        var trust = new Dictionary<string, string> { ["SSL_CERT_FILE"] = scratch.File("mail.pem") };
        string[] command = ["control", "request", "door.test", "--account", (await lab.NewAccountAsync()).Url, "--method", "email", "--contact", "admin@door.test"];

        await WritePasswordAsync("another");
        var refused = await CommandRun.OfAsync(command, settings, environment: trust);
        refused.IsRefusedInOneLine("did not take the e-mail", "section Mail");
        Assert.DoesNotContain("another", string.Join('\n', refused.Errors), StringComparison.Ordinal);
        Assert.Empty(mail.Messages);
        await WritePasswordAsync("a secret");
        var sent = await CommandRun.OfAsync(command, settings, environment: trust);
        Assert.True(sent.ExitCode == 0, string.Join('\n', sent.Errors));
        Assert.Single(mail.Messages);

        async Task WritePasswordAsync(string password)
        {
            await File.WriteAllTextAsync(scratch.File("password"), password + "\n", Cancellation);
            File.SetUnixFileMode(scratch.File("password"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private static async Task WriteCertificateAsync(ScratchDirectory scratch)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mail", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        await File.WriteAllTextAsync(scratch.File("mail.pem"), certificate.ExportCertificatePem(), Cancellation);
        await File.WriteAllTextAsync(scratch.File("mail.key"), key.ExportPkcs8PrivateKeyPem(), Cancellation);
    }

    private async Task PublishAsync(string how, JsonElement publish)
    {
        var (place, value) = (Text(publish, "place"), Text(publish, "value"));
        if (how == "txt")
            await lab.Dns.AddTextAsync(place, value);
        else if (how == "cname")
            await lab.Dns.SetAliasAsync(place, value);
        else
            lab.Files[new Uri(place).AbsolutePath] = value + "\n";
    }

    private static async Task IssueAsync(TestAccount account, AcmeAnswer order, string name)
    {
        var finalized = await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For(name)}}"}""");
        Assert.True(finalized.Status == 200, finalized.ToString());
        var valid = await account.PollAsync(order.Location!, TimeSpan.FromSeconds(30), Cancellation);
        Assert.True(valid["status"] == "valid", valid.ToString());
        using var leaf = X509Certificate2.CreateFromPem((await account.GetAsync(valid["certificate"]!)).Text);
        Assert.Equal([name], leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames());
    }

    private async Task IsNotProvedAsync(string id, string cause, params string[] options)
    {
        var run = await RunAsync(["control", "check", id, .. options, "--json"]);
        Assert.Equal((1, cause), (run.ExitCode, Text(JsonElement.Parse(run.Output), "cause")));
    }

    private static string LinkIn(string? text) => text!.Split(["\r\n", "\n"], StringSplitOptions.None).Single(l => l.StartsWith("https://", StringComparison.Ordinal));

    private static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;

    private async Task<JsonElement> JsonAsync(params IEnumerable<string> arguments)
    {
        var run = await RunAsync([.. arguments, "--json"]);
        Assert.True(run.ExitCode == 0, run.Output + string.Join('\n', run.Errors));
        return JsonElement.Parse(run.Output);
    }

    private Task<CommandRun> RunAsync(params IEnumerable<string> arguments) => CommandRun.OfAsync([.. arguments], lab.Settings);

    /// <summary>A server, and what it looks at.</summary>
    public sealed class Lab : IAsyncLifetime
    {
        private readonly Dictionary<string, string> _settings = [];
        private DnsTestServer? _dns;
        private MailTestServer? _mail;
        private CaServerProcess? _server;
        private Responder? _responder;

        public DnsTestServer Dns => _dns!;

        public CaServerProcess Server => _server!;

        /// <summary>The files of the web server, by path.</summary>
        public System.Collections.Concurrent.ConcurrentDictionary<string, string> Files { get; } = new();

        /// <summary>The settings of a command beside the server.</summary>
        public Dictionary<string, string> Settings => new(_settings)
        {
            ["Data:Directory"] = Server.DataDirectory,
            ["Server:PublicUrl"] = Server.PublicUrl.GetLeftPart(UriPartial.Authority),
            ["Validation:Http01Port"] = $"{Server.Http01Port}",
            ["Validation:AllowedNetworks:0"] = "127.0.0.0/8",
        };

        public async Task<TestAccount> NewAccountAsync() =>
            await (await AcmeSession.OpenAsync(Server.Client, Server.Directory, Cancellation)).CreateAccountAsync();

        /// <summary>The one message to somebody.</summary>
        public MimeMessage MailTo(string address) => _mail!.Messages.Select(m => MimeMessage.Load(new MemoryStream(m))).Single(m => m.To.Mailboxes.Single().Address == address);

        public async ValueTask InitializeAsync()
        {
            _dns = await DnsTestServer.StartAsync(Cancellation);
            _mail = await MailTestServer.StartAsync(cancellation: Cancellation);
            _settings["Validation:Resolvers:0"] = $"{_dns.Endpoint}";
            _settings["Mail:Server"] = $"127.0.0.1:{_mail.Port}";
            _settings["Mail:From"] = "ca@ca.test";
            _settings["Mail:Tls"] = "none";
            // With every line that it can write, to look for what must not be in them.
            _server = await CaServerProcess.StartAsync(new Dictionary<string, string>(_settings) { ["Logging:Level"] = "debug" }, Cancellation);
            _responder = new Responder(x => Files.TryGetValue(x.Path, out var body) ? x.AnswerAsync(200, body) : x.AnswerAsync(404, ""), port: _server.Http01Port);
        }

        public async ValueTask DisposeAsync()
        {
            if (_responder is not null)
                await _responder.DisposeAsync();
            if (_server is not null)
                await _server.DisposeAsync();
            if (_mail is not null)
                await _mail.DisposeAsync();
            if (_dns is not null)
                await _dns.DisposeAsync();
        }
    }
}
