using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CaServer.TestKit.Processes;

namespace CaServer.TestKit.Dns;

/// <summary>
/// A DNS server in the test's process, over UDP and TCP on 127.0.0.1, for what a real one cannot be made to do: stay silent, lie,
/// answer differently the second time. Names that no script knows do not exist.
/// </summary>
public sealed class ScriptedDnsServer : IAsyncDisposable
{
    private const int HeaderLength = 12;
    private const int TypeA = 1;
    private const int TypeCname = 5;
    private const int TypeSoa = 6;
    private const int TypeText = 16;
    private const int TypeAaaa = 28;
    private const int TypeCaa = 257;
    private const int MaxUdpLength = 1232;
    private const int Truncated = 0x0200;
    private const int ResponseFlags = 0x8180;

    // A pointer to the question.
    private static readonly byte[] AskedName = [0xc0, HeaderLength];

    private readonly UdpClient _udp;
    private readonly TcpListener _tcp;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, Func<bool, DnsReply>> _script = new();
    private readonly ConcurrentQueue<DnsQuestionSeen> _questions = new();
    private readonly Task _work;

    /// <summary>Starts a server.</summary>
    public ScriptedDnsServer()
    {
        Endpoint = new IPEndPoint(IPAddress.Loopback, LoopbackPorts.Next());
        _udp = new UdpClient(Endpoint);
        _tcp = new TcpListener(Endpoint);
        _tcp.Start();
        _work = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    /// <summary>Where it answers.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>What it was asked so far, in order.</summary>
    public IReadOnlyCollection<DnsQuestionSeen> Questions => _questions;

    /// <summary>Lets a name have these addresses, IPv4 and IPv6.</summary>
    public ScriptedDnsServer With(string name, params string[] addresses) => With(name, ipv6 =>
        DnsReply.Addresses(addresses.Where(a => a.Contains(':', StringComparison.Ordinal) == ipv6)));

    /// <summary>Lets both questions about a name end the same way.</summary>
    public ScriptedDnsServer With(string name, DnsReply reply) => With(name, _ => reply);

    /// <summary>Decides at each question, by whether AAAA records are asked for.</summary>
    public ScriptedDnsServer With(string name, Func<bool, DnsReply> reply)
    {
        _script[name] = reply;
        return this;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _udp.Dispose();
        _tcp.Dispose();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task ServeUdpAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            var received = await _udp.ReceiveAsync(_end.Token);
            if (Answer(received.Buffer, overTcp: false) is { } answer)
                await _udp.SendAsync(answer, received.RemoteEndPoint, _end.Token);
        }
    }

    private async Task ServeTcpAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            using var client = await _tcp.AcceptTcpClientAsync(_end.Token);
            var stream = client.GetStream();
            var length = new byte[2];
            await stream.ReadExactlyAsync(length, _end.Token);
            var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(query, _end.Token);
            if (Answer(query, overTcp: true) is not { } answer)
                continue;
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)answer.Length);
            await stream.WriteAsync((byte[])[.. length, .. answer], _end.Token);
        }
    }

    private byte[]? Answer(byte[] query, bool overTcp)
    {
        var end = HeaderLength;
        var name = new StringBuilder();
        for (; query[end] != 0; end += query[end] + 1)
            name.Append(name.Length > 0 ? "." : "").Append(Encoding.ASCII.GetString(query, end + 1, query[end]));
        var type = BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(end + 1));
        var question = query[HeaderLength..(end + 5)];

        var seen = new DnsQuestionSeen(name.ToString().ToLowerInvariant(), type == TypeAaaa);
        _questions.Enqueue(seen);
        return (_script.TryGetValue(seen.Name, out var reply) ? reply(seen.IsIPv6) : DnsReply.UnknownName) switch
        {
            DnsReply.TextRecords texts => Fitting(query, question, Message(query, question, ResponseFlags | texts.ResponseCode, Texts(texts, type)), overTcp),
            DnsReply.CaaRecords caa => Message(query, question, ResponseFlags, type == TypeCaa ? [.. caa.Values.Select(v => Record(AskedName, TypeCaa, [0, .. CharacterString(v.Tag), .. Encoding.Latin1.GetBytes(v.Value)]))] : []),
            DnsReply.Records { IsTruncatedOverUdp: true } when !overTcp => Message(query, question, ResponseFlags | Truncated, []),
            DnsReply.Records records => Message(query, records.IsOfAnotherName ? OtherName(question) : question, ResponseFlags, OfType(records.Values, type)),
            DnsReply.Empty empty => Message(query, question, ResponseFlags, [], [Record([0], TypeSoa, [0, 0, .. new byte[18], (byte)(empty.Seconds >> 8), (byte)empty.Seconds], empty.Seconds)]),
            DnsReply.Code code => Message(query, question, ResponseFlags | code.Value, []),
            // The id is right, so that it is not thrown away as a stranger's.
            DnsReply.Noise => [.. query[..2], 0x81, 0x80, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xc0, 0xff, 0x3f],
            _ => null,
        };
    }

    private static byte[] Fitting(byte[] query, byte[] question, byte[] message, bool overTcp) =>
        overTcp || message.Length <= MaxUdpLength ? message : Message(query, question, ResponseFlags | Truncated, []);

    private static List<byte[]> OfType(IReadOnlyList<IPAddress> addresses, int type) => type switch
    {
        TypeA => [.. addresses.Where(a => a.AddressFamily == AddressFamily.InterNetwork).Select(a => Record(AskedName, type, a.GetAddressBytes()))],
        TypeAaaa => [.. addresses.Where(a => a.AddressFamily == AddressFamily.InterNetworkV6).Select(a => Record(AskedName, type, a.GetAddressBytes()))],
        _ => [],
    };

    private static List<byte[]> Texts(DnsReply.TextRecords texts, int type)
    {
        var records = new List<byte[]>();
        if (texts.LeadsTo is { } alias)
            records.Add(Record(AskedName, TypeCname, WireName(alias)));
        var owner = (texts.Owner ?? texts.LeadsTo) is { } name ? WireName(name) : AskedName;
        if (type == TypeText)
            records.AddRange(texts.Values.Select(strings => Record(owner, TypeText, [.. strings.SelectMany(CharacterString)])));
        return records;
    }

    private static byte[] WireName(string name) => [.. name.Split('.').SelectMany(CharacterString), 0];

    private static byte[] CharacterString(string text) => [(byte)text.Length, .. Encoding.Latin1.GetBytes(text)];

    // Class IN.
    private static byte[] Record(byte[] owner, int type, byte[] data, int seconds = 60) =>
        [.. owner, (byte)(type >> 8), (byte)type, 0, 1, 0, 0, (byte)(seconds >> 8), (byte)seconds, (byte)(data.Length >> 8), (byte)data.Length, .. data];

    private static byte[] OtherName(byte[] question)
    {
        var other = question.ToArray();
        other[1] = other[1] == (byte)'q' ? (byte)'r' : (byte)'q';
        return other;
    }

    private static byte[] Message(byte[] query, byte[] question, int flags, List<byte[]> answers, List<byte[]>? authorities = null)
    {
        var message = new List<byte>(query[..2]);
        foreach (var word in (int[])[flags, 1, answers.Count, authorities?.Count ?? 0, 0])
            message.AddRange([(byte)(word >> 8), (byte)word]);
        message.AddRange(question);
        message.AddRange(answers.Concat(authorities ?? []).SelectMany(a => a));
        return [.. message];
    }
}
