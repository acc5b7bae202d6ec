using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace CaServer.TestKit.Processes;

/// <summary>
/// Ports of 127.0.0.1 for programs that must be told theirs before they start. They lie below the range from which the system takes ports for
/// outgoing connections and for "any port", so that nobody is given one between the choice and the program's start.
/// </summary>
public static class LoopbackPorts
{
    private static readonly ConcurrentDictionary<int, bool> Taken = new();

    /// <summary>A port that is free for TCP and UDP and is not given out a second time in this process.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(10_000, 30_000);
            if (Taken.TryAdd(port, true) && IsFree(port))
                return port;
        }
    }

    private static bool IsFree(int port)
    {
        using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            udp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
