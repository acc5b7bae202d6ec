using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using CaServer.Domain;
using CaServer.Validation.Connections;

namespace CaServer.Validation.Tls;

/// <summary>
/// One TLS handshake that offers <c>acme-tls/1</c> and nothing else, over one given connection, which is then closed: no further
/// data is exchanged (RFC 8737 §3).
/// </summary>
internal sealed record Handshake
{
    private const byte AlertRecord = 0x15;
    private const byte HandshakeRecord = 0x16;
    private const int AlertDescriptionAt = 6;

    /// <summary>The protocol that the server chose; null if none, or if the handshake failed.</summary>
    internal string? Protocol { get; init; }

    /// <summary>The version of TLS.</summary>
    internal string? Version { get; init; }

    /// <summary>The server's certificate, DER; null if there was none.</summary>
    internal byte[]? Certificate { get; init; }

    /// <summary>Why the handshake failed; null if it did not.</summary>
    internal FailureCause? Cause { get; init; }

    /// <summary>The description of the alert (RFC 8446 §6) that the server answered with.</summary>
    internal byte? Alert { get; init; }

    /// <summary>The first bytes that came, where they were not TLS.</summary>
    internal byte[] Head { get; init; } = [];

    /// <summary>Shakes hands.</summary>
    /// <param name="serverName">The name to ask for (SNI).</param>
    /// <param name="connection">An open connection; closed afterwards.</param>
    /// <param name="ct">The end of the check.</param>
    internal static async Task<Handshake> WithAsync(string serverName, Stream connection, CancellationToken ct)
    {
        await using var recorder = new HeadRecorder(connection);
        await using var tls = new SslStream(recorder);
        byte[]? certificate = null;
        try
        {
            await tls.AuthenticateAsClientAsync(Options(serverName, shown => certificate = shown), ct);
            var protocol = tls.NegotiatedApplicationProtocol;
            return new Handshake
            {
                Protocol = protocol.Protocol.IsEmpty ? null : Printable.Of(protocol.Protocol.Span),
                Version = tls.SslProtocol.ToString(),
                Certificate = certificate,
            };
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            return Failed(e, recorder.Head);
        }
    }

    // The certificate proves itself by what it holds (RFC 8737 §3), so no chain counts, and least of all is anything fetched from
    // URLs that stand in it.
    private static SslClientAuthenticationOptions Options(string serverName, Action<byte[]?> certificate) => new()
    {
#pragma warning disable CA5359 // The comment above says why no certificate is refused here.
        RemoteCertificateValidationCallback = (_, shown, _, _) =>
        {
            certificate(shown?.GetRawCertData());
            return true;
        },
#pragma warning restore CA5359
        TargetHost = serverName,
        ApplicationProtocols = [new SslApplicationProtocol(TlsAlpn01.Protocol)],
        // RFC 8737 §3: TLS 1.2 or later.
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = new X509ChainPolicy
        {
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
            VerificationFlags = X509VerificationFlags.AllFlags,
        },
        AllowTlsResume = false,
        AllowRenegotiation = false,
    };

    private static Handshake Failed(Exception exception, ReadOnlySpan<byte> head)
    {
        if (head is [not (AlertRecord or HandshakeRecord), ..])
            return new Handshake { Cause = FailureCause.NotTls, Head = head.ToArray() };
        if (head is [AlertRecord, ..] && head.Length > AlertDescriptionAt)
            return new Handshake { Cause = FailureCause.TlsAlert, Alert = head[AlertDescriptionAt] };
        return new Handshake
        {
            Cause = exception switch
            {
                OperationCanceledException => FailureCause.AnswerTimeout,
                AuthenticationException when head.Length > 0 => FailureCause.Tls,
                _ => FailureCause.ConnectionLost,
            },
        };
    }
}
