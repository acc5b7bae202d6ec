using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CaServer.TestKit.Http;

/// <summary>A request that a responder received, and the means to answer it rightly or wrongly.</summary>
public sealed class HttpExchange
{
    private readonly Socket _socket;
    private readonly Stream _stream;

    internal HttpExchange(Socket socket, Stream stream, string head, CancellationToken end)
    {
        _socket = socket;
        _stream = stream;
        Head = head;
        End = end;
        var lines = head.Split("\r\n");
        Path = lines[0].Split(' ') is [_, var path, ..] ? path : "";
        Headers = lines.Skip(1).Select(l => l.Split(": ", 2)).Where(p => p.Length == 2)
            .ToLookup(p => p[0], p => p[1], StringComparer.OrdinalIgnoreCase);
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary>The request line and the headers as received.</summary>
    public string Head { get; }

    /// <summary>The request target.</summary>
    public string Path { get; }

    /// <summary>The headers.</summary>
    public ILookup<string, string> Headers { get; }

    /// <summary>The Host header.</summary>
    public string Host => Headers["Host"].Single();

    /// <summary>Where the connection was accepted.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Whether the request came over TLS.</summary>
    public bool IsTls => _stream is not NetworkStream;

    /// <summary>Ends when the responder is disposed of.</summary>
    public CancellationToken End { get; }

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes, End);

    /// <summary>Sends text as it is.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Answers with a body.</summary>
    public Task AnswerAsync(int status, string body) => AnswerAsync(status, Encoding.UTF8.GetBytes(body));

    /// <summary>Answers with a body.</summary>
    public Task AnswerAsync(int status, byte[] body) =>
        SendAsync((byte[])[.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status} S\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), .. body]);

    /// <summary>Answers with a redirect.</summary>
    public Task RedirectAsync(string location, int status = 302) =>
        SendAsync($"HTTP/1.1 {status} R\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    /// <summary>Closes the connection with a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }
}
