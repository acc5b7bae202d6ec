using CaServer.Status;
using CaServer.Storage;

namespace CaServer.Composition;

/// <summary>OCSP: serving where the role status is, signing where the key is.</summary>
internal static class OcspServices
{
    /// <summary>Adds what the roles of this process need.</summary>
    public static void AddOcsp(this IServiceCollection services, Foundation foundation)
    {
        var (settings, clock) = (foundation.Settings.Status, foundation.Clock);
        services.AddSingleton<OcspAnswers>();
        if (foundation.OcspResponder is { } responder)
        {
            services.AddSingleton(responder);
            services.AddSingleton(provider => new OcspPresigner(responder, provider.GetRequiredService<OcspStore>(), settings.OcspLifetime, clock));
            services.AddHostedService<OcspSigningWorker>();
            services.AddSingleton(provider => new LiveOcsp(
                responder,
                provider.GetRequiredService<OcspStore>(),
                provider.GetRequiredService<OcspAnswers>(),
                settings.OcspLifetime,
                clock,
                provider.GetRequiredService<ILogger<LiveOcsp>>()));
        }
        if (!foundation.Roles.HasFlag(Roles.Status))
            return;
        services.AddSingleton<OcspResponders>();
        services.AddSingleton<OcspFeed>();
        services.AddHostedService<OcspFeedWorker>();
        services.AddSingleton(new OcspHeaders(settings.MaxAge, clock));
        services.AddSingleton(new OcspLimits(
            settings.OcspNonce, new RateLimit(settings.OcspLiveRate, clock), new RateLimit(OcspLimits.LookUpsPerSecond, clock)));
        services.AddSingleton(provider => new OcspMisses(
            provider.GetRequiredService<OcspStore>(),
            provider.GetRequiredService<OcspFeed>(),
            provider.GetRequiredService<OcspResponders>(),
            provider.GetService<LiveOcsp>(),
            provider.GetRequiredService<OcspLimits>(),
            provider.GetRequiredService<OcspHeaders>()));
        services.AddSingleton<OcspEndpoint>();
    }
}
