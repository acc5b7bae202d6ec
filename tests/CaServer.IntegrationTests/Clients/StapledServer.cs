using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Clients;

/// <summary>A web server of the distribution, with a configuration of its own and beside the system's, that staples OCSP answers.</summary>
internal sealed class StapledServer : IAsyncDisposable
{
    private const string Modules = "/usr/lib/apache2/modules";

    // test.sh unpacks it here.
    private static readonly string UnpackedNginx = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "caserver-tests", "nginx", "usr", "sbin");

    private readonly ScratchDirectory _scratch = new();
    private ChildProcess? _process;

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public int Port { get; } = LoopbackPorts.Next();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>nginx, which verifies what it staples and staples nothing else.</summary>
    public static async Task<StapledServer> StartNginxAsync(ObtainedCertificate certificate, string responder)
    {
        var server = new StapledServer();
        var chain = await server.WriteChainAsync(certificate);
        var configuration = server._scratch.File("nginx.conf");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            daemon off; master_process off; pid {{server._scratch.File("pid")}}; error_log stderr info;
            events { worker_connections 64; }
            http {
              access_log off;
              client_body_temp_path {{server._scratch.Path}}; proxy_temp_path {{server._scratch.Path}}; fastcgi_temp_path {{server._scratch.Path}};
              uwsgi_temp_path {{server._scratch.Path}}; scgi_temp_path {{server._scratch.Path}};
              server {
                listen 127.0.0.1:{{server.Port}} ssl; return 200 "ok";
                ssl_certificate {{chain}}; ssl_certificate_key {{KeyOf(certificate)}};
                ssl_stapling on; ssl_stapling_verify on; ssl_trusted_certificate {{server._scratch.File("trusted.pem")}};
                ssl_stapling_responder {{responder.Replace("localhost", "127.0.0.1", StringComparison.Ordinal)}};
              }
            }
            """,
            Cancellation);
        return await server.RunAsync(ExternalProgram.Find("nginx", "/usr/sbin", UnpackedNginx), ["-c", configuration, "-p", server._scratch.Path]);
    }

    /// <summary>Apache, which staples what it is told, also that a certificate is revoked.</summary>
    public static async Task<StapledServer> StartApacheAsync(ObtainedCertificate certificate, string responder)
    {
        var server = new StapledServer();
        var chain = await server.WriteChainAsync(certificate);
        var configuration = server._scratch.File("apache.conf");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            LoadModule mpm_event_module {Modules}/mod_mpm_event.so
            LoadModule authz_core_module {Modules}/mod_authz_core.so
            LoadModule socache_shmcb_module {Modules}/mod_socache_shmcb.so
            LoadModule ssl_module {Modules}/mod_ssl.so
            ServerRoot {server._scratch.Path}
            ServerName localhost
            PidFile {server._scratch.File("pid")}
            DefaultRuntimeDir {server._scratch.Path}
            ErrorLog /dev/stderr
            User nobody
            Group nogroup
            Listen 127.0.0.1:{server.Port}
            DocumentRoot {Path.GetDirectoryName(certificate.RootFile)}
            SSLStaplingCache shmcb:{server._scratch.File("stapling")}(128000)
            <VirtualHost 127.0.0.1:{server.Port}>
              SSLEngine on
              SSLCertificateFile {chain}
              SSLCertificateKeyFile {KeyOf(certificate)}
              SSLUseStapling on
              SSLStaplingForceURL {responder}
              SSLStaplingReturnResponderErrors on
            </VirtualHost>

            """,
            Cancellation);
        return await server.RunAsync(ExternalProgram.Find("apache2", "/usr/sbin"), ["-f", configuration, "-DFOREGROUND"]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            // Asked, so that its own children end, too.
            _process.Terminate();
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await _process.WaitForExitAsync(deadline.Token);
            await _process.DisposeAsync();
        }
        _scratch.Dispose();
    }

    private static string KeyOf(ObtainedCertificate certificate) => Path.Combine(Path.GetDirectoryName(certificate.LeafFile)!, "privkey.pem");

    private async Task<string> WriteChainAsync(ObtainedCertificate certificate)
    {
        var issuer = await File.ReadAllTextAsync(certificate.IssuerFile, Cancellation);
        await File.WriteAllTextAsync(_scratch.File("trusted.pem"), issuer + await File.ReadAllTextAsync(certificate.RootFile, Cancellation), Cancellation);
        var chain = _scratch.File("chain.pem");
        await File.WriteAllTextAsync(chain, await File.ReadAllTextAsync(certificate.LeafFile, Cancellation) + issuer, Cancellation);
        return chain;
    }

    private async Task<StapledServer> RunAsync(ExternalProgram program, IReadOnlyList<string> arguments)
    {
        _process = program.Start(arguments);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await ListensAsync(deadline.Token))
        {
            Assert.False(_process.HasExited, _process.Output);
            await timer.WaitForNextTickAsync(deadline.Token);
        }
        return this;
    }

    private async Task<bool> ListensAsync(CancellationToken cancellation)
    {
        using var client = new System.Net.Sockets.TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", Port, cancellation);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
