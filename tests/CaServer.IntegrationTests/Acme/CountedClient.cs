using System.Net.Sockets;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Acme;

/// <summary>A client of a test's own that counts the connections it needs.</summary>
internal sealed class CountedClient : IAsyncDisposable
{
    private readonly CaServerProcess _server;
    private readonly HttpClient _client;
    private int _connections;

    internal CountedClient(CaServerProcess server)
    {
        _server = server;
        _client = server.NewClient(async (context, cancellation) =>
        {
            Interlocked.Increment(ref _connections);
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        });
    }

    /// <summary>Connections so far.</summary>
    internal int Connections => Volatile.Read(ref _connections);

    internal Task<AcmeSession> OpenAsync() => AcmeSession.OpenAsync(_client, _server.Directory, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
