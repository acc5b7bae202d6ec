namespace CaServer.Acme;

/// <summary>Registers what the front end needs besides the stores, the URLs, the clock and the queues.</summary>
internal static class AcmeServices
{
    public static void AddAcme(this IServiceCollection services, FrontEndSettings settings, Func<IServiceProvider, Nonces> nonces)
    {
        services.AddSingleton(settings);
        services.AddSingleton(nonces);
        services.AddSingleton<AccountKeys>();
        services.AddSingleton<ExternalAccounts>();
        services.AddSingleton<SignedRequest.Door>();
    }
}
