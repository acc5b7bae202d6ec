using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CaServer.TestKit.Http;

/// <summary>
/// A raw HTTP responder of a test, which may break every rule. It answers one request per connection, and speaks TLS to whoever
/// begins with a ClientHello if it was given a certificate.
/// </summary>
public sealed class Responder : IAsyncDisposable
{
    private const byte TlsHandshake = 0x16;
    private const int MaxHead = 16 * 1024;

    private readonly TcpListener _listener;
    private readonly Func<HttpExchange, Task> _answer;
    private readonly X509Certificate2? _certificate;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<HttpExchange> _requests = new();
    private readonly Task _work;
    private int _connections;
    private int _disposed;

    /// <summary>Starts a responder.</summary>
    /// <param name="answer">What it does with each request; the connection is closed when it returns.</param>
    /// <param name="address">Where it listens; 127.0.0.1 if nothing is said.</param>
    /// <param name="port">The port; any if nothing is said.</param>
    /// <param name="certificate">The certificate with private key for those who speak TLS.</param>
    public Responder(Func<HttpExchange, Task> answer, string address = "127.0.0.1", int port = 0, X509Certificate2? certificate = null)
    {
        _answer = answer;
        _certificate = certificate;
        _listener = new TcpListener(IPAddress.Parse(address), port);
        _listener.Start();
        _work = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>The port.</summary>
    public int Port => Endpoint.Port;

    /// <summary>Connections accepted, with or without a request.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>The requests received, in order.</summary>
    public IReadOnlyList<HttpExchange> Requests => [.. _requests];

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
            {
                var socket = await _listener.AcceptSocketAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                served.Add(ServeAsync(socket));
            }
        }
        finally
        {
            await Task.WhenAll(served).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var owned = socket;
        var first = new byte[1];
        if (await socket.ReceiveAsync(first, SocketFlags.Peek, _end.Token) == 0)
            return;
        await using var plain = new NetworkStream(socket, ownsSocket: false);
        if (first[0] != TlsHandshake || _certificate is null)
        {
            await ExchangeAsync(socket, plain);
            return;
        }
        await using var tls = new SslStream(plain);
        // Offline: or the platform would fetch the issuer from where the certificate says.
        var context = SslStreamCertificateContext.Create(_certificate, additionalCertificates: null, offline: true);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context }, _end.Token);
        await ExchangeAsync(socket, tls);
    }

    private async Task ExchangeAsync(Socket socket, Stream stream)
    {
        var exchange = new HttpExchange(socket, stream, await HeadAsync(stream), _end.Token);
        _requests.Enqueue(exchange);
        await _answer(exchange);
    }

    // Not a parser: up to the empty line, or one read of what is no HTTP at all.
    private async Task<string> HeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var buffer = new byte[1024];
        while (head.Length < MaxHead && !head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, _end.Token);
            if (read == 0 || (head.Length == 0 && buffer[0] is < (byte)'A' or > (byte)'Z'))
                break;
            head.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        return head.ToString();
    }
}
