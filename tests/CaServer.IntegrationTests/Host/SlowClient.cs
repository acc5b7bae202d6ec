using System.Net.Sockets;
using System.Text;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Host;

/// <summary>A client that keeps a connection busy with next to nothing, as long as the server lets it.</summary>
internal static class SlowClient
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Begins a request and goes on with an octet now and then; what the server answered before it closed the connection.</summary>
    internal static async Task<string> RequestAsync(CaServerProcess server, Uri listener, string beginning, CancellationToken cancellation)
    {
        await using var connection = await RawConnection.OpenAsync(server, listener, cancellation);
        await connection.WriteAsync(beginning, cancellation);
        return await TrickleAsync(connection.Stream, cancellation);
    }

    /// <summary>Connects and begins no TLS handshake, or part of one.</summary>
    internal static async Task<string> HandshakeAsync(Uri listener, byte[] beginning, CancellationToken cancellation)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(listener.Host, listener.Port, cancellation);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(beginning, cancellation);
        return await ReadAsync(stream, cancellation);
    }

    private static async Task<string> TrickleAsync(Stream stream, CancellationToken cancellation)
    {
        var answer = ReadAsync(stream, cancellation);
        using var timer = new PeriodicTimer(s_pause);
        while (!answer.IsCompleted)
        {
            try
            {
                await stream.WriteAsync("a"u8.ToArray(), cancellation);
            }
            catch (IOException)
            {
                break;
            }
            await Task.WhenAny(answer, timer.WaitForNextTickAsync(cancellation).AsTask());
        }
        return await answer;
    }

    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
                text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
        return text.ToString();
    }
}
