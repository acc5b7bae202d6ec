using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace CaServer.TestKit.Processes;

/// <summary>
/// Pebble, another ACME server, as a process with scratch files and ports of its own; it keeps everything in memory. It does not sleep
/// before checks and refuses no nonces for practice.
/// </summary>
public sealed class PebbleServer : IAsyncDisposable
{
    /// <summary>The key identifier of the external account that it knows.</summary>
    public const string ExternalKid = "kid-1";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);
    private readonly ScratchDirectory _scratch = new();
    private ChildProcess? _process;

    private PebbleServer()
    {
    }

    /// <summary>The ACME directory.</summary>
    public Uri Directory { get; } = new($"https://localhost:{LoopbackPorts.Next()}/dir");

    /// <summary>The port that http-01 checks connect to.</summary>
    public int Http01Port { get; } = LoopbackPorts.Next();

    /// <summary>The port that tls-alpn-01 checks connect to.</summary>
    public int TlsAlpn01Port { get; } = LoopbackPorts.Next();

    /// <summary>The certificate of its TLS listener, PEM.</summary>
    public string TlsCertificateFile => _scratch.File("tls.pem");

    /// <summary>The MAC key of its external account, base64url.</summary>
    public string ExternalKey { get; } = System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(48));

    /// <summary>All that it wrote.</summary>
    public string Log => _process?.Output ?? "";

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<PebbleServer> StartAsync(IPEndPoint dns, CancellationToken cancellation = default)
    {
        var server = new PebbleServer();
        try
        {
            await server.WriteFilesAsync(cancellation);
            server._process = ExternalProgram.Find("pebble").Start(
                ["-config", server._scratch.File("pebble.json"), "-dnsserver", $"{dns}"],
                new Dictionary<string, string>
                {
                    // It locks itself up for good on several schedulers.
                    ["GOMAXPROCS"] = "1",
                    ["PEBBLE_VA_NOSLEEP"] = "1",
                    ["PEBBLE_WFE_NONCEREJECT"] = "0",
                    ["PEBBLE_AUTHZREUSE"] = "0",
                });
            await server.WaitUntilItAnswersAsync(cancellation);
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
        if (_process is not null)
            await _process.DisposeAsync();
        _scratch.Dispose();
    }

    private async Task WriteFilesAsync(CancellationToken cancellation)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        await File.WriteAllTextAsync(TlsCertificateFile, certificate.ExportCertificatePem(), cancellation);
        await File.WriteAllTextAsync(_scratch.File("tls.key"), key.ExportPkcs8PrivateKeyPem(), cancellation);
        await File.WriteAllTextAsync(_scratch.File("pebble.json"), JsonSerializer.Serialize(new
        {
            pebble = new
            {
                listenAddress = $"127.0.0.1:{Directory.Port}",
                managementListenAddress = $"127.0.0.1:{LoopbackPorts.Next()}",
                certificate = TlsCertificateFile,
                privateKey = _scratch.File("tls.key"),
                httpPort = Http01Port,
                tlsPort = TlsAlpn01Port,
                externalAccountBindingRequired = false,
                externalAccountMACKeys = new Dictionary<string, string> { [ExternalKid] = ExternalKey },
            },
        }), cancellation);
    }

    private async Task WaitUntilItAnswersAsync(CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(TlsCertificateFile);
        using var client = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } });
        using var timer = new PeriodicTimer(PollInterval);
        while (true)
        {
            try
            {
                using var response = await client.GetAsync(Directory, deadline.Token);
                response.EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException) when (!_process!.HasExited)
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
            catch (HttpRequestException e)
            {
                throw new InvalidOperationException($"Pebble ended instead of answering:\n{Log}", e);
            }
        }
    }
}
