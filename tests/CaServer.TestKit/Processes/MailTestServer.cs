namespace CaServer.TestKit.Processes;

/// <summary>A real SMTP server on 127.0.0.1 (aiosmtpd) that takes every message and keeps it in a file.</summary>
public sealed class MailTestServer : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);
    private readonly ScratchDirectory _scratch = new();
    private readonly ChildProcess _process;

    // The program itself, with a door: it has no option for one.
    private const string WithLogOn = """
        import sys, aiosmtpd.main, aiosmtpd.smtp
        user, password = sys.argv[1].encode(), sys.argv[2].encode()
        def authenticate(server, session, envelope, mechanism, data):
            return aiosmtpd.smtp.AuthResult(success=(data.login, data.password) == (user, password))
        class Server(aiosmtpd.smtp.SMTP):
            def __init__(self, *arguments, **options):
                super().__init__(*arguments, authenticator=authenticate, auth_required=True, **options)
        aiosmtpd.main.SMTP = Server
        aiosmtpd.main.main(sys.argv[3:])
        """;

    private MailTestServer(int port, IEnumerable<string> options, (string User, string Password)? logOn)
    {
        Port = port;
        // That of the system, for which the package is.
        string[] arguments = ["-n", "-l", $"127.0.0.1:{port}", .. options, "-c", "aiosmtpd.handlers.Mailbox", _scratch.File("mail")];
        _process = logOn is var (user, password)
            ? ExternalProgram.At("/usr/bin/python3").Start(["-c", WithLogOn, user, password, .. arguments])
            : ExternalProgram.Find("aiosmtpd", "/usr/bin").Start(arguments);
    }

    /// <summary>The port that it listens on.</summary>
    public int Port { get; }

    /// <summary>The messages taken so far, as they came, oldest first.</summary>
    public IReadOnlyList<byte[]> Messages =>
        Directory.Exists(_scratch.File("mail/new"))
            ? [.. new DirectoryInfo(_scratch.File("mail/new")).GetFiles().OrderBy(f => f.LastWriteTimeUtc).ThenBy(f => f.Name, StringComparer.Ordinal).Select(f => File.ReadAllBytes(f.FullName))]
            : [];

    /// <summary>Starts a server and waits until it listens.</summary>
    /// <param name="certificate">PEM files of a certificate and its key: the server then offers STARTTLS and insists on it.</param>
    /// <param name="logOn">Name and password without which nothing is taken; only under the protection of a certificate.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<MailTestServer> StartAsync(
        (string Certificate, string Key)? certificate = null, (string User, string Password)? logOn = null, CancellationToken cancellation = default)
    {
        var server = new MailTestServer(LoopbackPorts.Next(), certificate is var (chain, key) ? ["--tlscert", chain, "--tlskey", key] : [], logOn);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        using var timer = new PeriodicTimer(PollInterval);
        try
        {
            while (!await server.ListensAsync(deadline.Token))
            {
                if (server._process.HasExited)
                    throw new InvalidOperationException("The mail server ended:\n" + server._process.Output);
                await timer.WaitForNextTickAsync(deadline.Token);
            }
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _scratch.Dispose();
    }

    private async Task<bool> ListensAsync(CancellationToken cancellation)
    {
        using var client = new System.Net.Sockets.TcpClient();
        try
        {
            await client.ConnectAsync(System.Net.IPAddress.Loopback, Port, cancellation);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
