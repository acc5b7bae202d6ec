using Serilog;

namespace CaServer.Composition;

/// <summary>The web application: which features there are and which listener serves them.</summary>
internal static class ServerApp
{
    /// <summary>Builds the application on a foundation. Nothing of the framework's own configuration or environment is read.</summary>
    public static WebApplication Build(Foundation foundation)
    {
        var settings = foundation.Settings;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "caserver" });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Listeners.Configure(kestrel, settings, foundation.Roles, foundation.TlsCertificate));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Server.StopTimeout);
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        builder.Services.AddSerilog(foundation.Log);
        builder.Services.AddRoutingCore();
        builder.Services.AddFoundation(foundation);

        var app = builder.Build();
        app.Use(next => context => ListenerFeature.Of(context) switch
        {
            Listener.Acme => next(context),
            Listener.Status or Listener.Admin => NotFound(context),
        });
        app.UseMiddleware<RequestLog>();
        app.UseRouting();
        return app;
    }

    private static void AddFoundation(this IServiceCollection services, Foundation foundation)
    {
        services.AddSingleton(foundation.Settings);
        services.AddSingleton(foundation.Clock);
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
