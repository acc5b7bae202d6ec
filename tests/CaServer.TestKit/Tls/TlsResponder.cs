using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace CaServer.TestKit.Tls;

/// <summary>A TLS server of a test on loopback: it does what it is told with each connection, and notes which names were asked for.</summary>
public sealed class TlsResponder : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<NetworkStream, CancellationToken, Task> _serve;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<string> _serverNames = new();
    private readonly Task _work;
    private int _disposed;

    /// <summary>A server with one certificate, which it shows to everybody.</summary>
    /// <param name="certificate">The certificate with its private key.</param>
    /// <param name="protocols">The application protocols that it knows; without any it ignores what the client offers.</param>
    /// <param name="address">Where it listens.</param>
    /// <param name="port">The port; any if nothing is said.</param>
    public TlsResponder(X509Certificate2 certificate, string[]? protocols = null, string address = "127.0.0.1", int port = 0)
        : this(_ => certificate, protocols, address, port)
    {
    }

    /// <summary>A server that chooses its certificate by the name asked for, and breaks the handshake off if there is none.</summary>
    public TlsResponder(Func<string, X509Certificate2?> certificates, string[]? protocols = null, string address = "127.0.0.1", int port = 0)
        : this(address, port)
    {
        var known = (protocols ?? ["acme-tls/1"]).Select(p => new SslApplicationProtocol(p)).ToList();
        _serve = (stream, ct) => HandshakeAsync(stream, certificates, known, ct);
        _work = AcceptAsync();
    }

    /// <summary>A server that does anything.</summary>
    public TlsResponder(Func<NetworkStream, CancellationToken, Task> serve, string address = "127.0.0.1", int port = 0)
        : this(address, port)
    {
        _serve = serve;
        _work = AcceptAsync();
    }

    private TlsResponder(string address, int port)
    {
        _serve = null!;
        _work = null!;
        _listener = new TcpListener(IPAddress.Parse(address), port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>The names that were asked for (SNI), in order.</summary>
    public IReadOnlyList<string> ServerNames => [.. _serverNames];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _end.CancelAsync();
        _listener.Dispose();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var served = new List<Task>();
        try
        {
            while (true)
                served.Add(ServeAsync(await _listener.AcceptSocketAsync(_end.Token)));
        }
        finally
        {
            await Task.WhenAll(served).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        await _serve(stream, _end.Token);
        // Only now may the connection be closed: what was written last must not be lost in a reset.
        socket.Shutdown(SocketShutdown.Send);
        await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, _end.Token);
    }

    private async Task HandshakeAsync(
        NetworkStream stream, Func<string, X509Certificate2?> certificates, List<SslApplicationProtocol> protocols, CancellationToken ct)
    {
        await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
        await tls.AuthenticateAsServerAsync(
            (_, hello, _, _) =>
            {
                _serverNames.Enqueue(hello.ServerName);
                var certificate = certificates(hello.ServerName) ?? throw new AuthenticationException("There is no certificate for this name.");
                return ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    // Offline: or the platform would fetch the issuer from where the certificate says.
                    ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
                    ApplicationProtocols = protocols.Count > 0 ? protocols : null,
                });
            },
            null,
            ct);
    }
}
