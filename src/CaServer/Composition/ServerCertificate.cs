using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace CaServer.Composition;

/// <summary>The TLS certificate in use, with the chain that goes with it. It can be replaced while connections come in.</summary>
internal sealed class ServerCertificate
{
    private static readonly TimeSpan s_handshakeTimeout = TimeSpan.FromSeconds(10);

    private volatile SslServerAuthenticationOptions _options;

    /// <summary>Begins with this certificate, which has its private key, and the certificates between it and its root.</summary>
    public ServerCertificate(X509Certificate2 leaf, X509Certificate2Collection chain) => _options = OptionsOf(leaf, chain);

    /// <summary>The certificate that the next handshake gets.</summary>
    public X509Certificate2 Leaf => _options.ServerCertificateContext!.TargetCertificate;

    /// <summary>Takes another certificate from the next handshake on. The earlier one is not disposed: handshakes may be using it.</summary>
    public void Replace(X509Certificate2 leaf, X509Certificate2Collection chain) => _options = OptionsOf(leaf, chain);

    /// <summary>Puts TLS on an endpoint.</summary>
    public void UseFor(ListenOptions endpoint) => endpoint.UseHttps(new TlsHandshakeCallbackOptions
    {
        HandshakeTimeout = s_handshakeTimeout,
        OnConnection = _ => ValueTask.FromResult(_options),
    });

    // One options object for all connections, so that sessions can be resumed. Offline: the chain is given, nothing is fetched.
    private static SslServerAuthenticationOptions OptionsOf(X509Certificate2 leaf, X509Certificate2Collection chain) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(leaf, chain, offline: true),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
    };
}
