using System.Net;
using System.Net.Sockets;
using CaServer.Configuration;
using Microsoft.AspNetCore.Connections;

namespace CaServer.Composition;

/// <summary>One run of <c>serve</c>: from the configuration to the end after SIGTERM or SIGINT.</summary>
internal static class ServerProcess
{
    /// <summary>Runs until it is told to stop.</summary>
    /// <exception cref="OperatorFaultException">It cannot start until the operator changes something.</exception>
    /// <exception cref="ConfigurationException">It cannot start with this configuration.</exception>
    public static async Task RunAsync(CaServerSettings settings, Roles roles, CancellationToken ct)
    {
        await using var log = LogSetup.Create(settings.Logging, toStandardError: false);
        var now = TimeProvider.System.GetUtcNow();
        StartFaults.RequireNone(settings, roles, now);
        if (Quorum.WarningOf(settings, roles, now) is { } warning)
            log.Warning("{Warning:l}", warning);
        await using var foundation = await Foundation.OpenAsync(settings, roles, TimeProvider.System, log, ct);
        if (Quorum.IsJudgedBy(settings, roles))
            Quorum.RequireKeys(settings, foundation.Perspectives);
        await using var app = foundation.IsRemotePerspective ? PerspectiveApp.Build(foundation) : ServerApp.Build(foundation);
        await StartAsync(app, settings, ct);
        BatchScheduling.Set();
        Announcement.Write(foundation);
        await app.WaitForShutdownAsync(ct);
        ThrowIfWorkerFailed(app);
    }

    private static async Task StartAsync(WebApplication app, CaServerSettings settings, CancellationToken ct)
    {
        try
        {
            await app.StartAsync(ct);
        }
        catch (Exception e) when (e is IOException { InnerException: AddressInUseException } or SocketException)
        {
            throw BindFault(settings, e);
        }
    }

    // Kestrel names the address in its message, not the setting.
    private static OperatorFaultException BindFault(CaServerSettings settings, Exception e)
    {
        (Listener Listener, IPEndPoint Address)[] listeners =
        [
            (Listener.Acme, settings.Server.HttpsListen),
            (Listener.Status, settings.Server.HttpListen),
            (Listener.Admin, settings.Server.AdminListen),
        ];
        var reason = e is SocketException socket ? socket.Message : "the address is already in use";
        var faulty = listeners.Where(l => e.Message.Contains(l.Address.ToString(), StringComparison.Ordinal) || !CanBind(l.Address)).ToArray();
        if (faulty.Length != 1)
            faulty = faulty.Length == 0 ? listeners : faulty[..1];
        return new OperatorFaultException(
            string.Join(", ", faulty.Select(l => Listeners.KeyOf(l.Listener))),
            $"cannot listen on {string.Join(", ", faulty.Select(l => l.Address))}: {reason}; give another address or port, or stop the program that has it",
            e);
    }

    private static bool CanBind(IPEndPoint address)
    {
        using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // A worker that ends by an exception stops the host, which by itself would look like a stop that was asked for.
    private static void ThrowIfWorkerFailed(WebApplication app)
    {
        foreach (var service in app.Services.GetServices<IHostedService>())
        {
            if (service is BackgroundService { ExecuteTask: { IsFaulted: true } task })
                throw new InvalidOperationException($"{service.GetType().Name} failed.", task.Exception);
        }
    }
}
