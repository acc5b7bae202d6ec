using CaServer.Health;
using CaServer.Storage;
using CaServer.Validation;
using CaServer.Workers;
using Serilog;

namespace CaServer.Composition;

/// <summary>The process of a perspective that others ask through the database: it checks, and tells monitoring how it is.</summary>
internal static class PerspectiveApp
{
    /// <summary>Builds it on a foundation.</summary>
    public static WebApplication Build(Foundation foundation)
    {
        var (settings, clock) = (foundation.Settings, foundation.Clock);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "caserver" });
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => Listeners.Configure(kestrel, settings, foundation.Roles, null));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Server.StopTimeout);
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        builder.Services.AddSerilog(foundation.Log);
        builder.Services.AddSingleton(new Metrics(null, null));
        builder.Services.AddSingleton(provider => new Readiness(foundation.Database, null, null, clock, provider.GetRequiredService<ILogger<Readiness>>()));
        builder.Services.AddSingleton(_ => new Perspective(ServerApp.PerspectiveSettingsOf(settings), foundation.Perspectives.OwnKey!, clock));
        builder.Services.AddSingleton(provider => new RemoteCheckWorker(
            provider.GetRequiredService<Perspective>(), new RemoteCheckStore(foundation.Database), ServerApp.NewInstance(), settings.Validation.MaxConcurrent,
            provider.GetRequiredService<Metrics>(), clock, provider.GetRequiredService<ILogger<RemoteCheckWorker>>()));
        builder.Services.AddHostedService(provider => provider.GetRequiredService<RemoteCheckWorker>());
        builder.Services.AddHostedService(provider => new PerspectiveNotices(foundation.Database, provider.GetRequiredService<RemoteCheckWorker>(), clock));

        var app = builder.Build();
        var (readiness, metrics) = (app.Services.GetRequiredService<Readiness>(), app.Services.GetRequiredService<Metrics>());
        app.Run(context =>
        {
            Listeners.CloseAfterLongBody(context);
            return AdminEndpoint.AnswerAsync(context, readiness, metrics);
        });
        return app;
    }

    private sealed class PerspectiveNotices(Database database, RemoteCheckWorker worker, TimeProvider clock) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => database.ListenAsync(worker.Heard, clock, stoppingToken);
    }
}
