using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>Registers what the front end needs besides the stores, the clock and the queues.</summary>
internal static class AcmeServices
{
    public static void AddAcme(this IServiceCollection services, FrontEndSettings settings, PublicIds ids, TimeSpan nonceLifetime)
    {
        services.AddSingleton(settings);
        services.AddSingleton(settings.Urls);
        services.AddSingleton(ids);
        services.AddSingleton(provider => new Nonces(provider.GetRequiredService<TimeProvider>(), nonceLifetime));
        services.AddSingleton<AccountKeys>();
        services.AddSingleton<SignedRequest.Door>();
        services.AddSingleton<AccountStore>();
        services.AddSingleton<OrderStore>();
        services.AddSingleton<AuthorizationStore>();
    }
}
