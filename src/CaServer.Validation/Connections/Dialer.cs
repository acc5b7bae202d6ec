using System.Net;
using System.Net.Sockets;
using CaServer.Domain;
using CaServer.Validation.Addresses;
using CaServer.Validation.Dns;

namespace CaServer.Validation.Connections;

/// <summary>An open connection and where it leads, or why there is none.</summary>
internal sealed record Dialed(NetworkStream? Stream, IPEndPoint? Remote, Failure? Failure);

/// <summary>
/// The only way out to a name that is being proved: looks it up, asks the policy about each address, and connects to exactly
/// the address that was judged. No second look-up lies between, so a name server that changes its answer (DNS rebinding) gains
/// nothing.
/// </summary>
internal sealed class Dialer(PerspectiveSettings settings, TargetLimits targets, TimeProvider clock)
{
    // Two of each family; more would only use up the time of the check.
    private const int MaxAttempts = 4;

    private readonly NameResolver _resolver = new(settings);
    private readonly AddressPolicy _policy = new(settings.Preset, settings.AllowedNetworks);

    /// <summary>Connects to a host. IPv6 first, the next address only if there was no connection at all (RFC 8305 §5, one after the other).</summary>
    /// <param name="host">A lower-case name without trailing dot, or an address.</param>
    /// <param name="port">The port.</param>
    /// <param name="identifier">What is being proved; after a redirect another name than <paramref name="host"/>.</param>
    /// <param name="log">Where the steps are noted.</param>
    /// <param name="ct">The end of the check.</param>
    internal async Task<Dialed> ConnectAsync(string host, int port, Identifier identifier, CheckLog log, CancellationToken ct)
    {
        IReadOnlyList<IPAddress> addresses;
        if (IPAddress.TryParse(host, out var literal))
        {
            addresses = [literal];
        }
        else
        {
            var resolution = await _resolver.ResolveAsync(host, ct);
            log.Add(new CheckStep.Resolved(host, resolution.Through, [.. resolution.Addresses.Select(a => a.ToString())], resolution.Fault) { Dnssec = resolution.Dnssec });
            if (resolution.Cause is { } cause)
                return new Dialed(null, null, ConnectionFailures.OfResolution(host, cause, resolution.Fault!));
            addresses = resolution.Addresses;
        }

        // A redirect from elsewhere to localhost is an attempt to reach the CA's own machine.
        var forLocalhost = LocalhostName.Is(host) && identifier.Type == IdentifierType.Dns && LocalhostName.Is(identifier.Value);
        var permitted = new List<IPAddress>();
        var refused = new List<(IPAddress Address, string Reason)>();
        foreach (var address in addresses)
        {
            if (_policy.Refusal(address, forLocalhost) is not { } reason)
            {
                permitted.Add(address);
                continue;
            }
            refused.Add((address, reason));
            log.Add(new CheckStep.Refused(address.ToString(), reason));
        }
        return permitted.Count > 0
            ? await ConnectAsync(host, permitted, port, log, ct)
            : new Dialed(null, null, ConnectionFailures.OfPolicy(host, refused[0].Address, refused[0].Reason));
    }

    private async Task<Dialed> ConnectAsync(string host, List<IPAddress> addresses, int port, CheckLog log, CancellationToken ct)
    {
        var faults = new List<(IPEndPoint Remote, SocketError Error)>();
        foreach (var address in addresses.Take(MaxAttempts))
        {
            var remote = new IPEndPoint(address, port);
            if (targets.Use(address) is { } refusal)
                return new Dialed(null, null, refusal);
            var (stream, error) = await TryConnectAsync(remote, ct);
            log.Add(new CheckStep.Connected(remote.ToString(), stream is null ? ConnectionFailures.Clause(error) : null));
            if (stream is not null)
                return new Dialed(stream, remote, null);
            faults.Add((remote, error));
            if (ct.IsCancellationRequested)
                break;
        }
        return new Dialed(null, null, ConnectionFailures.OfConnecting(host, faults));
    }

    private async Task<(NetworkStream? Stream, SocketError Error)> TryConnectAsync(IPEndPoint remote, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(settings.ConnectTimeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        Socket? socket = null;
        try
        {
            socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(remote, linked.Token);
            return (new NetworkStream(socket, ownsSocket: true), SocketError.Success);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket?.Dispose();
            return (null, e is SocketException s ? s.SocketErrorCode : SocketError.TimedOut);
        }
    }
}
