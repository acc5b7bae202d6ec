using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CaServer.Conformance.Challenges;

/// <summary>A small web server for http-01 (RFC 8555 §8.3): answers the paths it is told to and remembers who asked for what.</summary>
internal sealed class Http01Responder : IDisposable
{
    private const string Prefix = "/.well-known/acme-challenge/";
    private const int MaxHeaderBytes = 16 * 1024;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<SeenRequest> _seen = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener;
    private readonly Task _loop;

    public Http01Responder(IPEndPoint address)
    {
        _listener = new TcpListener(address);
        _listener.Start();
        _loop = AcceptAsync();
    }

    /// <summary>Answers the challenge of a token with a body.</summary>
    public void Answer(string token, string body, int status = 200) =>
        AnswerPath(Prefix + token, $"HTTP/1.1 {status} X\r\nContent-Type: application/octet-stream\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}");

    /// <summary>Answers the challenge of a token with a redirect to another path of the same server.</summary>
    public void Redirect(string token, string location) =>
        AnswerPath(Prefix + token, $"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    /// <summary>Answers any path with a body.</summary>
    public void AnswerAt(string path, string body) =>
        AnswerPath(path, $"HTTP/1.1 200 OK\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}");

    /// <summary>What was asked for a token.</summary>
    public IReadOnlyList<SeenRequest> Seen(string token) => [.. _seen.Where(request => request.Target.Contains(token, StringComparison.Ordinal))];

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _loop.Wait(s_limit);
        _stop.Dispose();
    }

    private void AnswerPath(string path, string answer) => _answers[path] = answer;

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The suite is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        deadline.CancelAfter(s_limit);
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                var head = await ReadHeadAsync(stream, deadline.Token);
                var lines = head.Split("\r\n");
                if (lines[0].Split(' ') is not [var method, var target, _])
                    return;
                var host = lines.FirstOrDefault(line => line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase))?[5..].Trim();
                _seen.Enqueue(new SeenRequest(method, target, host));
                var path = Uri.TryCreate(target, UriKind.Absolute, out var absolute) && absolute.Scheme.StartsWith("http", StringComparison.Ordinal) ? absolute.PathAndQuery : target;
                var answer = _answers.GetValueOrDefault(path, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), deadline.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // The server gave up; it will say so itself.
        }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream, CancellationToken ct)
    {
        var buffer = new byte[MaxHeaderBytes];
        var length = 0;
        while (length < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), ct);
            length += read;
            if (read == 0 || buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0)
                break;
        }
        return Encoding.Latin1.GetString(buffer, 0, length);
    }
}

/// <summary>A request that a validation made.</summary>
internal sealed record SeenRequest(string Method, string Target, string? Host);
