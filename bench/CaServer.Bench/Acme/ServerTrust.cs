using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace CaServer.Bench.Acme;

/// <summary>HTTP/1.1 clients that trust only the given roots for TLS.</summary>
internal sealed class ServerTrust(X509Certificate2Collection roots)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);
    private const int MaxAnswerBytes = 1 << 20;

    public static ServerTrust FromFile(string path)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(path);
        return roots.Count > 0 ? new ServerTrust(roots) : throw new AcmeFailure($"no certificate in {path}");
    }

    /// <summary>A client with a connection pool of its own. TLS sessions are never resumed, so that a new connection is a full handshake.</summary>
    public HttpClient CreateClient(int connections)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = connections,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(10),
            UseCookies = false,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy, AllowTlsResume = false },
        };
        return new HttpClient(handler)
        {
            DefaultRequestVersion = HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            MaxResponseContentBufferSize = MaxAnswerBytes,
            Timeout = s_timeout,
        };
    }
}
