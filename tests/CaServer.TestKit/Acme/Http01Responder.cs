using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CaServer.TestKit.Acme;

/// <summary>Answers http-01 checks on a loopback port with the key authorizations it was given, and everything else with 404.</summary>
public sealed class Http01Responder : IAsyncDisposable
{
    private const string Prefix = "GET /.well-known/acme-challenge/";

    private readonly ConcurrentDictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener;
    private readonly Task _loop;

    /// <summary>Listens on 127.0.0.1.</summary>
    public Http01Responder(int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _loop = AcceptAsync();
    }

    /// <summary>Sets the answer for a token.</summary>
    public void Answer(string token, string body)
    {
        _answers[token] = body;
        if (_held.TryGetValue(token, out var held))
            held.TrySetResult();
    }

    /// <summary>Lets whoever asks for a token wait, until <see cref="Answer"/> is called for it.</summary>
    public void Hold(string token) => _held.TryAdd(token, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient connection)
    {
        using (connection)
        {
            try
            {
                using var reader = new StreamReader(connection.GetStream(), Encoding.ASCII);
                var request = await reader.ReadLineAsync(_stop.Token) ?? "";
                while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 })
                {
                    // Headers do not matter.
                }
                var token = request.StartsWith(Prefix, StringComparison.Ordinal) ? request[Prefix.Length..].Split(' ')[0] : "";
                if (_held.TryGetValue(token, out var held))
                    await held.Task.WaitAsync(_stop.Token);
                var (status, body) = _answers.TryGetValue(token, out var answer) ? ("200 OK", answer) : ("404 Not Found", "no such token");
                var response = $"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
                await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(response), _stop.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client went away, or the test is over.
            }
        }
    }
}
