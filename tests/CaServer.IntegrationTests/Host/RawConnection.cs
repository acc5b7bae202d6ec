using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Host;

/// <summary>A connection to a listener, for requests that no HTTP client would send in this way.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient _connection;

    private RawConnection(TcpClient connection, Stream stream) => (_connection, Stream) = (connection, stream);

    /// <summary>What is said on it, inside TLS where the listener has TLS.</summary>
    internal Stream Stream { get; }

    internal static async Task<RawConnection> OpenAsync(CaServerProcess server, Uri listener, CancellationToken cancellation)
    {
        var connection = new TcpClient();
        try
        {
            await connection.ConnectAsync(listener.Host, listener.Port, cancellation);
            return new RawConnection(connection, await SecuredAsync(server, listener, connection, cancellation));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    internal Task WriteAsync(string text, CancellationToken cancellation) => Stream.WriteAsync(Encoding.ASCII.GetBytes(text), cancellation).AsTask();

    /// <summary>The next answer's status line and header, which everything up to its end was read with.</summary>
    internal async Task<string> ReadAnswerAsync(CancellationToken cancellation)
    {
        var head = await ReadUntilAsync("\r\n\r\n", cancellation);
        if (head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
            await ReadUntilAsync("\r\n0\r\n\r\n", cancellation);
        return head;
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        _connection.Dispose();
    }

    private async Task<string> ReadUntilAsync(string end, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var octet = new byte[1];
        while (text.Length < end.Length || text.ToString(text.Length - end.Length, end.Length) != end)
        {
            await Stream.ReadExactlyAsync(octet, cancellation);
            text.Append((char)octet[0]);
        }
        return text.ToString();
    }

    private static async Task<Stream> SecuredAsync(CaServerProcess server, Uri listener, TcpClient connection, CancellationToken cancellation)
    {
        if (listener.Scheme != Uri.UriSchemeHttps)
            return connection.GetStream();
        var secured = new SslStream(connection.GetStream());
        await secured.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = listener.Host, CertificateChainPolicy = server.Trust() }, cancellation);
        return secured;
    }
}
