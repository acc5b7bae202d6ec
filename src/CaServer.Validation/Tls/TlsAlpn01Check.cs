using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Validation.Connections;

namespace CaServer.Validation.Tls;

/// <summary>
/// tls-alpn-01 (RFC 8737 §3, BR §3.2.2.4.20; for addresses RFC 8738 §6, BR §3.2.2.5.7): whoever answers TLS at the name must show, to
/// the protocol <c>acme-tls/1</c>, a certificate that holds a digest of the key authorization.
/// </summary>
internal sealed class TlsAlpn01Check(PerspectiveSettings settings, TargetLimits targets, TimeProvider clock)
{
    private readonly Dialer _dialer = new(settings, targets, clock);

    /// <summary>Runs the check until it is decided or the token ends it; the end of time is a finding like any other.</summary>
    internal async Task<Finding> RunAsync(ValidationRequest request, CheckLog log, CancellationToken ct)
    {
        var dialed = await _dialer.ConnectAsync(request.Identifier.Value, settings.TlsAlpn01Port, request.Identifier, log, ct);
        if (dialed.Stream is null)
            return Finding.Failed(dialed.Failure!);
        var serverName = TlsAlpn01.ServerName(request.Identifier);
        var handshake = await Handshake.WithAsync(serverName, dialed.Stream, ct);
        log.Add(new CheckStep.Shaken(
            dialed.Remote!.ToString(), serverName, handshake.Version, handshake.Protocol,
            handshake.Certificate is { } der ? Convert.ToHexStringLower(SHA256.HashData(der)) : null,
            handshake.Cause is { } cause ? WireName.Of(cause) : null));
        return new TlsAlpn01Answer(request, dialed.Remote, handshake).Judge();
    }
}
