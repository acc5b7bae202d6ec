using System.Security.Cryptography.X509Certificates;

namespace CaServer.TestKit.Processes;

/// <summary>
/// A real <c>caserver serve</c>: the built program as a process of its own, with SoftHSM2 tokens, a data directory and ports of its own. Nothing
/// in it is replaced. It can be stopped, killed and started again with the same data and ports.
/// </summary>
public sealed class CaServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly ScratchDirectory _scratch = new();
    private readonly Dictionary<string, string> _environment;
    private readonly int _adminPort = LoopbackPorts.Next();
    private readonly List<string> _earlierOutput = [];
    private ChildProcess? _process;
    private HttpClient? _client;

    private CaServerProcess(IReadOnlyDictionary<string, string> settings)
    {
        var https = LoopbackPorts.Next();
        var http = LoopbackPorts.Next();
        PublicUrl = new Uri($"https://localhost:{https}");
        StatusUrl = new Uri($"http://localhost:{http}");
        Http01Port = LoopbackPorts.Next();
        TlsAlpn01Port = LoopbackPorts.Next();
        var all = new Dictionary<string, string>
        {
            ["Data:Directory"] = DataDirectory,
            ["Server:PublicUrl"] = PublicUrl.GetLeftPart(UriPartial.Authority),
            ["Server:StatusUrl"] = StatusUrl.GetLeftPart(UriPartial.Authority),
            ["Server:HttpsListen"] = $"127.0.0.1:{https}",
            ["Server:HttpListen"] = $"127.0.0.1:{http}",
            ["Server:AdminListen"] = $"127.0.0.1:{_adminPort}",
            ["Validation:Http01Port"] = $"{Http01Port}",
            ["Validation:TlsAlpn01Port"] = $"{TlsAlpn01Port}",
            ["Validation:AllowedNetworks:0"] = "127.0.0.0/8",
        };
        foreach (var (key, value) in settings)
            all[key] = value;
        _environment = all.ToDictionary(setting => "CASERVER_" + setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
    }

    /// <summary>Base of the ACME URLs.</summary>
    public Uri PublicUrl { get; }

    /// <summary>Base of the CRL and CA certificate URLs.</summary>
    public Uri StatusUrl { get; }

    /// <summary>Base of the health and metrics URLs.</summary>
    public Uri AdminUrl => new($"http://127.0.0.1:{_adminPort}");

    /// <summary>The ACME directory.</summary>
    public Uri Directory => new(PublicUrl, "/acme/directory");

    /// <summary>The port that http-01 checks connect to.</summary>
    public int Http01Port { get; }

    /// <summary>The port that tls-alpn-01 checks connect to.</summary>
    public int TlsAlpn01Port { get; }

    /// <summary>Where the server keeps its data.</summary>
    public string DataDirectory => _scratch.File("data");

    /// <summary>The root certificate, PEM.</summary>
    public string RootCertificateFile => Path.Combine(DataDirectory, "root.pem");

    /// <summary>The SQLite database; SQLite's write-ahead log lies beside it.</summary>
    public string DatabaseFile => Path.Combine(DataDirectory, "caserver.db");

    /// <summary>The program; that of the same build as the tests.</summary>
    public static string Program => ProgramPath();

    /// <summary>A client that trusts the server's root and no other.</summary>
    public HttpClient Client => _client ??= NewClient();

    /// <summary>All that the server wrote to its standard streams since the first start.</summary>
    public string Log => string.Join('\n', _earlierOutput.Append(_process?.Output ?? ""));

    /// <summary>The process id of the running server.</summary>
    public int Id => Process.Id;

    private ChildProcess Process => _process ?? throw new InvalidOperationException("The server does not run.");

    /// <summary>Starts a server on an empty data directory and waits until it is ready.</summary>
    /// <param name="settings">Settings besides the ports, directory and loopback network, such as <c>Policy:Preset</c>.</param>
    /// <param name="cancellation">Gives up.</param>
    public static Task<CaServerProcess> StartAsync(IReadOnlyDictionary<string, string>? settings = null, CancellationToken cancellation = default) =>
        StartAsync(settings ?? new Dictionary<string, string>(), null, cancellation);

    /// <summary>Prepares what a server is to find, starts it and waits until it is ready.</summary>
    /// <param name="settings">Settings besides the ports, directory and loopback network.</param>
    /// <param name="prepare">What is to be done before the start.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<CaServerProcess> StartAsync(
        IReadOnlyDictionary<string, string> settings, Action<CaServerProcess>? prepare, CancellationToken cancellation)
    {
        var server = new CaServerProcess(settings);
        try
        {
            prepare?.Invoke(server);
            await server.StartAgainAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Changes a setting for the next start.</summary>
    public void Set(string key, string value) => _environment["CASERVER_" + key.Replace(":", "__", StringComparison.Ordinal)] = value;

    /// <summary>Leaves a setting at its default at the next start.</summary>
    public void Unset(string key) => _environment.Remove("CASERVER_" + key.Replace(":", "__", StringComparison.Ordinal));

    /// <summary>Starts the server, which was stopped or killed, with the same data and ports, and waits until it is ready.</summary>
    public async Task StartAgainAsync(CancellationToken cancellation = default)
    {
        Launch();
        await Readiness.WaitAsync(Process, _adminPort, cancellation);
    }

    /// <summary>As <see cref="StartAgainAsync"/>, but the server is to die (SIGKILL) at one of its first commits. Does not wait.</summary>
    /// <param name="commit">1 for the first.</param>
    /// <param name="written">Whether that commit is still written.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<CommitKill> StartAgainToDieAsync(int commit, bool written, CancellationToken cancellation = default)
    {
        // The server opens the database, then its token, and then begins to work; while the token is held, there is time for preparations.
        using (new HeldTokens(Path.Combine(DataDirectory, "hsm", "tokens")))
        {
            Launch();
            return await KillAtCommitAsync(commit, written, cancellation);
        }
    }

    /// <summary>Asks the server to stop (SIGTERM) and returns its exit code.</summary>
    public async Task<int> StopAsync(CancellationToken cancellation = default)
    {
        Process.Terminate();
        return await WaitForEndAsync(cancellation);
    }

    /// <summary>Ends the server without warning (SIGKILL).</summary>
    public async Task KillAsync()
    {
        await Process.KillAsync();
        await ForgetProcessAsync();
    }

    /// <summary>Prepares that the server dies (SIGKILL) at one of its next commits to the database.</summary>
    /// <param name="commit">1 for the next one.</param>
    /// <param name="written">Whether that commit is still written.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<CommitKill> KillAtCommitAsync(int commit, bool written, CancellationToken cancellation = default) =>
        CommitKill.ArmAsync(Process, DatabaseFile, commit, written, cancellation);

    /// <summary>Waits for the end of a server that was not asked to stop; returns the exit code, 128 + signal if a signal ended it.</summary>
    public async Task<int> WaitForEndAsync(CancellationToken cancellation = default)
    {
        var exitCode = await Process.WaitForExitAsync(cancellation).WaitAsync(Deadline, cancellation);
        await ForgetProcessAsync();
        return exitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_process is not null)
            await ForgetProcessAsync();
        _scratch.Dispose();
    }

    private void Launch()
    {
        if (_process is not null)
            throw new InvalidOperationException("The server runs already.");
        _process = ChildProcess.Start(ProgramPath(), ["serve"], _environment, _scratch.Path);
    }

    private async Task ForgetProcessAsync()
    {
        var process = Process;
        _process = null;
        _earlierOutput.Add(process.Output);
        await process.DisposeAsync();
    }

    /// <summary>As <see cref="Client"/>, for whoever needs one to itself, or connections made in a way of its own.</summary>
    public HttpClient NewClient(Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null) =>
        new(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = Trust() }, ConnectCallback = connect }) { BaseAddress = PublicUrl };

    /// <summary>Trust in the server's root and no other.</summary>
    public X509ChainPolicy Trust()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(RootCertificateFile);
        return policy;
    }

    private static string ProgramPath()
    {
        var program = Path.Combine(Repository.OutputOf("src/CaServer"), "caserver");
        return File.Exists(program) ? program : throw new FileNotFoundException($"{program} is not built; build the solution.");
    }
}
