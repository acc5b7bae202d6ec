using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CaServer.Bench.Responders;

/// <summary>
/// A DNS server on loopback for the names of the benchmark: every name below the suffix has one A record, nothing has anything else
/// (so no AAAA, no CAA), and that may be believed for a minute. It asks nobody. UDP only: its answers always fit.
/// </summary>
internal sealed class DnsResponder : IAsyncDisposable
{
    private const int HeaderLength = 12;
    private const ushort TypeA = 1;

    // RFC 2308 §3: the zone's SOA, here the root's, with a minute as its TTL and as its last field; the two names and the other fields are nothing.
    private static readonly byte[] s_noSuchRecord = [0, 0, 6, 0, 1, 0, 0, 0, 60, 0, 22, 0, 0, .. new byte[16], 0, 0, 0, 60];

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _suffix;
    private readonly byte[] _address;
    private readonly Task _loop;

    /// <summary>Listens at once; port 0 takes a free one.</summary>
    /// <exception cref="SocketException">The address is taken or may not be bound.</exception>
    public DnsResponder(IPEndPoint endPoint, string suffix, IPAddress address)
    {
        _suffix = WireName(suffix);
        _address = address.GetAddressBytes();
        _socket.Bind(endPoint);
        _loop = ServeAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var buffer = new byte[1500];
        var any = new IPEndPoint(IPAddress.Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, any, _stop.Token);
                if (Answer(buffer.AsSpan(0, received.ReceivedBytes)) is { } answer)
                    await _socket.SendToAsync(answer, received.RemoteEndPoint, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // An ICMP answer to an earlier send: the asker is gone.
            }
        }
    }

    /// <summary>The answer to one query; null for what is no query with one question.</summary>
    internal byte[]? Answer(ReadOnlySpan<byte> query)
    {
        if (query.Length < HeaderLength || (query[2] & 0x80) != 0 || BinaryPrimitives.ReadUInt16BigEndian(query[4..]) != 1)
            return null;
        var end = HeaderLength;
        while (end < query.Length && query[end] is > 0 and < 64)
            end += 1 + query[end];
        if (end + 5 > query.Length || query[end] != 0)
            return null;
        var name = query[HeaderLength..(end + 1)];
        var question = query[HeaderLength..(end + 5)];
        var hasAddress = BinaryPrimitives.ReadUInt16BigEndian(query[(end + 1)..]) == TypeA && IsBelowSuffix(name);

        var answer = new List<byte>(HeaderLength + question.Length + 16);
        // RFC 1035 §4.1.1: the id, then QR and AA with the asker's RD, then RA, no error; one question.
        answer.AddRange([query[0], query[1], (byte)(0x84 | (query[2] & 1)), 0x80, 0, 1, 0, (byte)(hasAddress ? 1 : 0), 0, (byte)(hasAddress ? 0 : 1), 0, 0]);
        answer.AddRange(question);
        if (hasAddress)
            answer.AddRange([0xC0, HeaderLength, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, .. _address]);
        else
            answer.AddRange(s_noSuchRecord);
        return [.. answer];
    }

    private bool IsBelowSuffix(ReadOnlySpan<byte> name)
    {
        // Labels are walked, not bytes compared from the end: a length byte could otherwise be taken for a letter.
        for (; name.Length > _suffix.Length; name = name[(1 + name[0])..])
        {
        }
        return name.Length == _suffix.Length && Ascii.EqualsIgnoreCase(name, _suffix);
    }

    private static byte[] WireName(string name) =>
        [.. name.Split('.').SelectMany(label => Encoding.ASCII.GetBytes(label).Prepend((byte)label.Length)), 0];
}
