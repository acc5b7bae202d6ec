using System.Net;
using System.Net.Sockets;
using CaServer.Bench.Responders;

namespace CaServer.Bench.Servers;

/// <summary>
/// What surrounds each server: a directory of its own, and one DNS server and one http-01 responder on a loopback address that is
/// this process's alone, on ports 53 and 80 if they may be bound there.
/// </summary>
internal sealed class Stage : IAsyncDisposable
{
    private const int DnsPort = 53;
    private const int HttpPort = 80;

    private Stage(string directory, string suffix, DnsResponder dns, Http01Responder http)
    {
        Directory = directory;
        Suffix = suffix;
        Dns = dns;
        Http = http;
    }

    public string Directory { get; }

    public string Suffix { get; }

    public DnsResponder Dns { get; }

    public Http01Responder Http { get; }

    /// <summary>Caddy always asks the system's resolvers and always connects to port 80.</summary>
    public bool HasStandardPorts => Dns.EndPoint.Port == DnsPort && Http.EndPoint.Port == HttpPort;

    public static Stage Open(string directory, string suffix)
    {
        var address = new IPAddress([127, 80, (byte)(Environment.ProcessId >> 8), (byte)(1 + Environment.ProcessId % 254)]);
        var http = Bind(HttpPort, port => new Http01Responder(new IPEndPoint(address, port)));
        var dns = Bind(DnsPort, port => new DnsResponder(new IPEndPoint(address, port), suffix, address));
        return new Stage(directory, suffix, dns, http);
    }

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await Dns.DisposeAsync();
        await Http.DisposeAsync();
    }

    private static T Bind<T>(int port, Func<int, T> bind)
    {
        try
        {
            return bind(port);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AccessDenied or SocketError.AddressAlreadyInUse)
        {
            return bind(0);
        }
    }
}
