using CaServer.Bench.Load;

namespace CaServer.Bench.Servers;

/// <summary>A server that answered its directory. <c>ReadyIn</c> is from the start of the process, on an empty data directory.</summary>
internal sealed record RunningServer(string Description, LoadTarget Target, TimeSpan ReadyIn, ServerProcess Process) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
