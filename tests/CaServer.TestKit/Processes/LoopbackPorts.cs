using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace CaServer.TestKit.Processes;

/// <summary>
/// Ports of 127.0.0.1 for programs that must be told theirs before they start. They lie below the range from which the system takes ports for
/// outgoing connections and for "any port", and a locked file marks each as taken for the other test processes of the machine, so that nobody is
/// given one between the choice and the program's start.
/// </summary>
public static class LoopbackPorts
{
    private static readonly string Marks = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"caserver-test-ports-{Environment.UserName}")).FullName;

    // Open until this process ends; the system drops the locks then, however it ends.
    private static readonly ConcurrentBag<FileStream> Taken = [];

    /// <summary>A port that is free for TCP and UDP and is not given out again while this process runs.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(10_000, 30_000);
            if (TryTake(port) && IsFree(port))
                return port;
        }
    }

    private static bool TryTake(int port)
    {
        try
        {
            Taken.Add(new FileStream(Path.Combine(Marks, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            return true;
        }
        catch (IOException)
        {
            return false;
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
