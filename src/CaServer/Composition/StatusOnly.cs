using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace CaServer.Composition;

/// <summary>
/// A process that only serves status runs its answers on the thread that the socket wakes: without the hop to another thread it is
/// as fast as a web server that sends a file. Nothing that it does waits for a token or a commit; where it may wait for the
/// database it leaves that thread.
/// </summary>
internal static class StatusOnly
{
    /// <summary>
    /// Sets what the runtime reads at its start: to run completions of sockets inline. A value of the operator's stays. Returns in
    /// the process that has it.
    /// </summary>
    public static void PrepareRuntime() => ProcessRestart.With(("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1"));

    /// <summary>Keeps Kestrel on that thread.</summary>
    public static void Configure(IServiceCollection services) =>
        services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
}
