using System.Buffers.Text;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using CaServer.IntegrationTests.Clients;
using CaServer.IntegrationTests.Host;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Http;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Zoo;

/// <summary>
/// A client on a machine of its own: an address, names that lead there, a home directory, a web server with a folder. It runs the commands of
/// <c>docs/clients.md</c> as they stand there.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ZooClient : IAsyncDisposable
{
    /// <summary>The variables that the page's commands use.</summary>
    public static readonly IReadOnlyList<string> Variables =
        ["DIRECTORY", "ROOT", "NAME", "ADDRESS", "HTTP_PORT", "TLS_PORT", "WEBROOT", "PUBLISH", "RESOLVER", "KID", "HMAC"];

    private static readonly TimeSpan RevocationDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StepDeadline = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ServerDeadline = TimeSpan.FromMinutes(3);
    private const UnixFileMode Everybody =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly string[] Hosts = ["", "www.", "api.", "rsa.", "tls.", "wild.", "eab."];
    private static readonly ExternalProgram Bash = ExternalProgram.Find("bash");
    private readonly ScratchDirectory _scratch;
    private readonly string _client;
    private readonly CaServerProcess _server;
    private readonly DnsTestServer _dns;
    private readonly string _address;
    private readonly Dictionary<string, string> _environment;
    private readonly HashSet<string> _steps = [];
    private Responder? _web;

    private ZooClient(string client, Programs programs, CaServerProcess server, DnsTestServer dns, int number, TestBinding? key)
    {
        (_client, _server, _dns) = (client, server, dns);
        _address = $"127.1.{number / 250}.{number % 250 + 1}";
        Name = $"zoo{number}.example.com";
        _scratch = new ScratchDirectory();
        System.IO.Directory.CreateDirectory(_scratch.File("www/.well-known/acme-challenge"));
        _environment = new Dictionary<string, string>
        {
            ["HOME"] = _scratch.Path,
            ["PATH"] = ProgramPath(programs),
            ["DIRECTORY"] = $"{server.Directory}",
            ["ROOT"] = CopyRoot(),
            ["NAME"] = Name,
            ["ADDRESS"] = _address,
            ["HTTP_PORT"] = $"{server.Http01Port}",
            ["TLS_PORT"] = $"{server.TlsAlpn01Port}",
            ["WEBROOT"] = _scratch.File("www"),
            ["PUBLISH"] = WritePublisher(dns),
            ["RESOLVER"] = $"{dns.Endpoint}",
            ["KID"] = key?.Kid ?? "",
            ["HMAC"] = key is null ? "" : Base64Url.EncodeToString(key.MacKey),
            ["NODE_PATH"] = Path.Combine(Repository.Root, "artifacts", "npm", "node_modules"),
        };
        WriteSettings();
    }

    /// <summary>The name that leads to the machine; names below it do, too.</summary>
    public string Name { get; }

    /// <summary>The ACME directory.</summary>
    public Uri Directory => _server.Directory;

    /// <summary>The file's path in the home directory.</summary>
    public string PathOf(string name) => _scratch.File(Filled(name));

    public static async Task<ZooClient> StartAsync(
        string client, Programs programs, CaServerProcess server, DnsTestServer dns, int number, TestBinding? key)
    {
        var started = new ZooClient(client, programs, server, dns, number, key);
        foreach (var host in Hosts)
            await dns.SetAddressesAsync(host + started.Name, started._address);
        return started;
    }

    /// <summary>Lets the machine's web server show its folder, for clients that answer http-01 there.</summary>
    public void ServeFolder() => _web = new Responder(
        async exchange =>
        {
            var path = _scratch.File("www" + exchange.Path);
            var found = File.Exists(path);
            await exchange.AnswerAsync(found ? 200 : 404, found ? await File.ReadAllTextAsync(path) : "no such file");
        },
        _address,
        _server.Http01Port);

    /// <summary>Lets the names lead to another machine, whose web server knows nothing of the client's challenges.</summary>
    public async Task LeadElsewhereAsync()
    {
        var elsewhere = _address.Replace("127.1.", "127.2.", StringComparison.Ordinal);
        foreach (var host in Hosts)
            await _dns.SetAddressesAsync(host + Name, elsewhere);
        _web = new Responder(exchange => exchange.AnswerAsync(200, "Welcome to my home page"), elsewhere, _server.Http01Port);
    }

    /// <summary>Runs a step; it succeeds.</summary>
    public async Task RunAsync(string step) => (await TryAsync(step)).Succeeded(_server.Log);

    /// <summary>Runs a step; it ends with an error, and what it prints has these parts in it.</summary>
    public async Task FailsAsync(string step, params IEnumerable<string> parts)
    {
        var result = await TryAsync(step);
        Assert.NotEqual(0, result.ExitCode);
        foreach (var part in parts)
            Assert.True(result.Output.Contains(part, StringComparison.Ordinal), $"'{part}' is not in:\n{result.Output}\n{_server.Log}");
    }

    /// <summary>Runs a step that leaves a certificate for these names and this kind of key in a file.</summary>
    /// <param name="step">The step.</param>
    /// <param name="file">The certificate, perhaps with its chain. <c>$NAME</c> is replaced.</param>
    /// <param name="key">What is expected, such as <c>EC 256</c> or <c>RSA 3072</c>.</param>
    /// <param name="names">What is expected. <c>$NAME</c> is replaced.</param>
    public async Task<string> ObtainsAsync(string step, string file, string key, params IEnumerable<string> names)
    {
        await RunAsync(step);
        using var leaf = ReadLeaf(file);
        Assert.Equal(key, KindOfKey(leaf));
        Assert.Equal(names.Select(Filled).Order(StringComparer.Ordinal), NamesOf(leaf));
        return leaf.SerialNumber;
    }

    /// <summary>The same for a step after which a web server obtains the certificate by itself.</summary>
    public async Task<string> ObtainsInTimeAsync(string step, string file, string key, params IEnumerable<string> names)
    {
        await RunAsync(step);
        await AppearsAsync(file);
        using var leaf = ReadLeaf(file);
        Assert.Equal((key, string.Join(' ', names.Select(Filled).Order(StringComparer.Ordinal))), (KindOfKey(leaf), string.Join(' ', NamesOf(leaf))));
        return leaf.SerialNumber;
    }

    /// <summary>Waits until a web server has written a certificate into a file, or a line with this text.</summary>
    public async Task AppearsAsync(string file, string text = "-----END CERTIFICATE-----")
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(ServerDeadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!File.Exists(PathOf(file)) || !(await File.ReadAllTextAsync(PathOf(file), deadline.Token)).Contains(text, StringComparison.Ordinal))
        {
            try
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                var logs = System.IO.Directory.GetFiles(_scratch.Path, "*.log").Select(File.ReadAllText);
                Assert.Fail($"'{text}' did not appear in {file}.\n{string.Join('\n', logs)}\n{_server.Log}");
            }
        }
    }

    /// <summary>The same with the profile <c>shortlived</c>, for one name or address and any key.</summary>
    public async Task ObtainsShortLivedAsync(string step, string file, string name)
    {
        await RunAsync(step);
        using var leaf = ReadLeaf(file);
        Assert.Equal([Filled(name)], NamesOf(leaf));
        Assert.InRange(leaf.NotAfter - leaf.NotBefore, TimeSpan.FromDays(6), TimeSpan.FromDays(7));
    }

    /// <summary>Runs a step that replaces the certificate in a file by another for the same names.</summary>
    public async Task RenewsAsync(string step, string file)
    {
        using var before = ReadLeaf(file);
        await RunAsync(step);
        using var after = ReadLeaf(file);
        Assert.NotEqual(before.SerialNumber, after.SerialNumber);
        Assert.Equal(NamesOf(before), NamesOf(after));
    }

    /// <summary>Runs a step that revokes the certificate in a file; its CRL soon says so.</summary>
    /// <returns>The serial number.</returns>
    public Task<string> RevokesAsync(string step, string file) => IsRevokedByAsync(() => RunAsync(step), file);

    /// <summary>Lets the operator of the CA revoke the certificate in a file; its CRL soon says so.</summary>
    public Task OperatorRevokesAsync(string file) => IsRevokedByAsync(
        async () =>
        {
            var run = await CommandRun.OfAsync(
                ["revoke", "--serial", Obtained(file).Serial(), "--reason", "superseded"],
                new Dictionary<string, string>
                {
                    ["Data:Directory"] = _server.DataDirectory,
                    ["Server:PublicUrl"] = _server.PublicUrl.GetLeftPart(UriPartial.Authority),
                });
            Assert.True(run.ExitCode == 0, string.Join('\n', run.Errors));
        },
        file);

    /// <summary>Asks the judges about a certificate.</summary>
    /// <param name="chain">The file with the certificate and the issuing CA's, or only the former.</param>
    /// <param name="issuer">The file with the issuing CA's certificate where it is another.</param>
    public Task JudgesAcceptAsync(string chain, string? issuer = null)
    {
        if (issuer is null)
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(PathOf(chain));
            issuer = "issuer.pem";
            File.WriteAllText(PathOf(issuer), certificates[1].ExportCertificatePem() + "\n");
        }
        return Judges.AllAcceptAsync(Obtained(chain, issuer), Name);
    }

    /// <summary>Fails the test if the page shows a step that was not run, except these.</summary>
    public void HasDoneAllBut(params IEnumerable<string> exceptions) =>
        Assert.Equal(exceptions.Order(StringComparer.Ordinal), ClientPage.Steps(_client).Except(_steps).Order(StringComparer.Ordinal));

    public async ValueTask DisposeAsync()
    {
        foreach (var file in System.IO.Directory.GetFiles(_scratch.Path, "*.pid"))
            await EndAsync(file);
        if (_web is not null)
            await _web.DisposeAsync();
        _scratch.Dispose();
    }

    private async Task<string> IsRevokedByAsync(Func<Task> act, string file)
    {
        var certificate = Obtained(file);
        // Now: some clients move the file away when they have revoked.
        var number = certificate.Serial();
        var serial = Convert.FromHexString(number);
        var crl = certificate.CrlUrl();
        using var http = new HttpClient();
        Assert.True((await http.GetByteArrayAsync(crl, TestContext.Current.CancellationToken)).AsSpan().IndexOf(serial) < 0, $"{file} is revoked already.");
        await act();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(RevocationDeadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((await http.GetByteArrayAsync(crl, deadline.Token)).AsSpan().IndexOf(serial) < 0)
            await timer.WaitForNextTickAsync(deadline.Token);
        return number;
    }

    // A web server that a step started in the background; it wrote its process id down.
    private static async Task EndAsync(string file)
    {
        var id = (await File.ReadAllTextAsync(file)).Trim();
        await Bash.RunAsync(["-c", "kill $1; for i in {1..100}; do kill -0 $1 || exit 0; sleep 0.1; done; kill -9 $1", "bash", id]);
    }

    // Apache's children are another user, who may not look into the server's data directory.
    private string CopyRoot()
    {
        File.SetUnixFileMode(_scratch.Path, Everybody);
        File.Copy(_server.RootCertificateFile, _scratch.File("root.pem"));
        return _scratch.File("root.pem");
    }

    private string Filled(string text) =>
        text.Replace("$NAME", Name, StringComparison.Ordinal).Replace("$ADDRESS", _address, StringComparison.Ordinal);

    private Task<ProgramResult> TryAsync(string step)
    {
        _steps.Add(step);
        return Bash.RunAsync(
            ["-euc", $"cd\n{ClientPage.Script(_client, step)}"], _environment, StepDeadline, TestContext.Current.CancellationToken);
    }

    private ObtainedCertificate Obtained(string file, string? issuer = null) => new(PathOf(file), PathOf(issuer ?? file), _server.RootCertificateFile);

    private X509Certificate2 ReadLeaf(string file) => X509Certificate2.CreateFromPem(File.ReadAllText(PathOf(file)));

    private static string KindOfKey(X509Certificate2 leaf)
    {
        using var rsa = leaf.GetRSAPublicKey();
        using var ec = leaf.GetECDsaPublicKey();
        return rsa is not null ? $"RSA {rsa.KeySize}" : $"EC {ec!.KeySize}";
    }

    private static IEnumerable<string> NamesOf(X509Certificate2 leaf)
    {
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        return names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => $"{address}")).Order(StringComparer.Ordinal);
    }

    private static string ProgramPath(Programs programs)
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var newer = Path.Combine(cache, "caserver-tests", "trixie");
        var path = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin";
        return programs switch
        {
            Programs.Installed => path,
            Programs.Newer => $"{newer}/bin:{path}",
            Programs.Older => $"{newer}/older/bin:{path}",
        };
    }

    private string WritePublisher(DnsTestServer dns)
    {
        var publisher = _scratch.File("publish");
        File.WriteAllText(
            publisher,
            $$$"""
            #!/bin/sh
            set -eu
            case $1 in add) path=set-txt ;; remove) path=clear-txt ;; esac
            exec curl --silent --show-error --fail --data "{\"host\":\"${2%.}.\",\"value\":\"$3\"}" {{{dns.Management}}}$path

            """);
        File.SetUnixFileMode(publisher, Everybody);
        return publisher;
    }

    // certbot would write to directories of the system, and ask questions.
    private void WriteSettings()
    {
        System.IO.Directory.CreateDirectory(_scratch.File(".config/letsencrypt"));
        File.WriteAllText(
            _scratch.File(".config/letsencrypt/cli.ini"),
            $"config-dir = {_scratch.Path}/conf\nwork-dir = {_scratch.Path}/work\nlogs-dir = {_scratch.Path}/log\nnon-interactive = true\n");
    }
}
