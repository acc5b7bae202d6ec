using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CaServer.Bench.Responders;

/// <summary>Answers http-01 requests (RFC 8555 §8.3) for tokens it was told of: one request per connection, bounded in size and time.</summary>
internal sealed class Http01Responder : IAsyncDisposable
{
    private const int MaxRequestBytes = 8 * 1024;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);
    private static readonly byte[] s_notFound = Encoding.ASCII.GetBytes("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    private readonly TcpListener _listener;
    private readonly ConcurrentDictionary<string, byte[]> _answers = new();
    private readonly ConcurrentDictionary<string, SlowAnswer> _slow = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private int _served;
    private int _waiting;

    /// <summary>Listens at once; port 0 takes a free one.</summary>
    /// <exception cref="SocketException">The address is taken or may not be bound.</exception>
    public Http01Responder(IPEndPoint endPoint)
    {
        _listener = new TcpListener(endPoint);
        _listener.Start(backlog: 512);
        _loop = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Key authorizations handed out so far.</summary>
    public int Served => Volatile.Read(ref _served);

    public void Publish(string token, string thumbprint)
    {
        var body = $"{token}.{thumbprint}";
        _answers[token] = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
    }

    /// <summary>The same, but not at once.</summary>
    public void Publish(string token, string thumbprint, SlowAnswer slow)
    {
        _slow[token] = slow;
        Publish(token, thumbprint);
    }

    /// <summary>Requests that are being answered slowly now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public void Withdraw(string token) => _answers.TryRemove(token, out _);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(s_timeout);
        using (socket)
        {
            try
            {
                var buffer = new byte[MaxRequestBytes];
                var length = 0;
                while (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
                {
                    var read = length == buffer.Length ? 0 : await socket.ReceiveAsync(buffer.AsMemory(length), limit.Token);
                    if (read == 0)
                        return;
                    length += read;
                }
                var answer = Answer(buffer.AsSpan(0, length), out var slow);
                if (slow is not null)
                    await AnswerSlowlyAsync(socket, answer, slow);
                else
                    await socket.SendAsync(answer, limit.Token);
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The server that asked went away; it will say so itself if that matters to it.
            }
        }
    }

    private async Task AnswerSlowlyAsync(Socket socket, byte[] answer, SlowAnswer slow)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await slow.SendAsync(socket, answer, _stop.Token);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private byte[] Answer(ReadOnlySpan<byte> request, out SlowAnswer? slow)
    {
        slow = null;
        var prefix = "GET /.well-known/acme-challenge/"u8;
        if (!request.StartsWith(prefix))
            return s_notFound;
        request = request[prefix.Length..];
        var end = request.IndexOf((byte)' ');
        if (end < 0)
            return s_notFound;
        var token = Encoding.ASCII.GetString(request[..end]);
        if (!_answers.TryGetValue(token, out var answer))
            return s_notFound;
        _slow.TryGetValue(token, out slow);
        Interlocked.Increment(ref _served);
        return answer;
    }
}
