using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using DnsClient;

namespace CaServer.Validation.Dns;

/// <summary>
/// A question with the bit "checking disabled" (RFC 4035 §3.2.2), which the library cannot set: a resolver that answers it, but said
/// SERVFAIL without the bit, had an answer whose signatures do not validate. Nothing of such an answer is used.
/// </summary>
internal static class UncheckedQuestion
{
    private const int HeaderLength = 12;
    private const byte RecursionDesired = 0x01;
    private const byte CheckingDisabled = 0x10;
    private const byte IsResponse = 0x80;
    private const byte ResponseCodeMask = 0x0f;

    // The root as owner, type OPT, 1232 bytes, DNSSEC OK, no options (RFC 6891 §6.1.2).
    private static readonly byte[] s_opt = [0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 0];

    /// <summary>Whether the server answers the question, be it that there is no such name.</summary>
    internal static async Task<bool> IsAnsweredAsync(string name, QueryType type, IPEndPoint server, TimeSpan atMost, TimeProvider clock, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(atMost, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        var question = Message(name, type);
        var answer = new byte[HeaderLength];
        try
        {
            using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(server, linked.Token);
            await socket.SendAsync(question, linked.Token);
            while (true)
            {
                // The rest of a longer message is cut off, or on some systems told as an error.
                var read = await socket.ReceiveAsync(answer, linked.Token);
                if (read == HeaderLength && answer.AsSpan(0, 2).SequenceEqual(question.AsSpan(0, 2)) && (answer[2] & IsResponse) != 0)
                    return (DnsHeaderResponseCode)(answer[3] & ResponseCodeMask) is DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain;
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private static byte[] Message(string name, QueryType type)
    {
        var id = RandomNumberGenerator.GetBytes(2);
        var message = new List<byte>([.. id, RecursionDesired, CheckingDisabled, 0, 1, 0, 0, 0, 0, 0, 1]);
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
            message.AddRange([(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]);
        var tail = new byte[5];
        BinaryPrimitives.WriteUInt16BigEndian(tail.AsSpan(1), (ushort)type);
        tail[4] = 1; // IN
        return [.. message, .. tail, .. s_opt];
    }
}
