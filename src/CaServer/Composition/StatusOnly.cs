using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace CaServer.Composition;

/// <summary>
/// A process that only serves status runs its answers on the thread that the socket wakes: without the hop to another thread it is
/// as fast as a web server that sends a file. Nothing that it does waits for a token or a commit; where it may wait for the
/// database it leaves that thread.
/// </summary>
internal static class StatusOnly
{
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Sets what the runtime reads when the first socket is made; a value of the operator's stays.</summary>
    public static void PrepareSockets()
    {
        if (Environment.GetEnvironmentVariable(InlineCompletions) is null)
            Environment.SetEnvironmentVariable(InlineCompletions, "1");
    }

    /// <summary>Keeps Kestrel on that thread.</summary>
    public static void Configure(IServiceCollection services) =>
        services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
}
