using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace CaServer.Conformance.Challenges;

/// <summary>A TLS server for tls-alpn-01 (RFC 8737): shows the certificate it is told to for a name and remembers the handshakes.</summary>
internal sealed class TlsAlpn01Responder : IDisposable
{
    private static readonly SslApplicationProtocol s_acmeTls = new("acme-tls/1");
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, TlsAnswer> _answers = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentQueue<SeenHandshake> _seen = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener;
    private readonly Task _loop;

    public TlsAlpn01Responder(IPEndPoint address)
    {
        _listener = new TcpListener(address);
        _listener.Start();
        _loop = AcceptAsync();
    }

    /// <summary>Shows a certificate to whoever asks for the name by SNI.</summary>
    /// <param name="serverName">The name in SNI.</param>
    /// <param name="certificate">With its private key.</param>
    /// <param name="negotiates">Whether it agrees on a protocol (ALPN).</param>
    public void Answer(string serverName, X509Certificate2 certificate, bool negotiates = true) =>
        _answers[serverName] = new TlsAnswer(certificate, negotiates);

    /// <summary>The handshakes for a name.</summary>
    public IReadOnlyList<SeenHandshake> Seen(string serverName) =>
        [.. _seen.Where(handshake => handshake.ServerName.Equals(serverName, StringComparison.OrdinalIgnoreCase))];

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _loop.Wait(s_limit);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The suite is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        deadline.CancelAfter(s_limit);
        var name = "";
        try
        {
            using (client)
            await using (var stream = new SslStream(client.GetStream()))
            {
                await stream.AuthenticateAsServerAsync(
                    (_, hello, _, _) => ValueTask.FromResult(Options(name = hello.ServerName)), state: null, deadline.Token);
                _seen.Enqueue(new SeenHandshake(name, stream.NegotiatedApplicationProtocol.ToString()));
                // The validation has seen the certificate; it closes.
                await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, deadline.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or AuthenticationException)
        {
            _seen.Enqueue(new SeenHandshake(name, ""));
        }
    }

    private SslServerAuthenticationOptions Options(string name)
    {
        if (!_answers.TryGetValue(name, out var answer))
            throw new AuthenticationException($"no certificate for {name}");
        return new SslServerAuthenticationOptions
        {
            ServerCertificate = answer.Certificate,
            // acme-tls/1 comes last: it is agreed on only if the other side offers nothing else that is here.
            ApplicationProtocols = answer.Negotiates ? [SslApplicationProtocol.Http11, SslApplicationProtocol.Http2, s_acmeTls] : null,
        };
    }

    private sealed record TlsAnswer(X509Certificate2 Certificate, bool Negotiates);
}

/// <summary>A handshake that a validation made.</summary>
/// <param name="ServerName">SNI.</param>
/// <param name="Protocol">The protocol that was agreed on (ALPN); empty if none.</param>
internal sealed record SeenHandshake(string ServerName, string Protocol);
