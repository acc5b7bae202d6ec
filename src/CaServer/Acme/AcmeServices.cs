using CaServer.Domain;
using CaServer.Health;
using CaServer.Storage;
using CaServer.Workers;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Net.Http.Headers;

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
        services.AddSingleton(provider => new CaaRenewal(
            provider.GetService<PerspectiveGroup>(),
            provider.GetRequiredService<AuthorizationStore>(),
            provider.GetRequiredService<AcmeUrls>(),
            provider.GetRequiredService<Metrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<CaaRenewal>>()));
        services.AddSingleton<SignedRequest.Door>();
        if (settings.CorsOrigins is { Count: > 0 } origins)
            services.AddCors(cors => cors.AddDefaultPolicy(policy => AllowBrowsers(policy, origins)));
    }

    // RFC 8555 §6.1. There are no cookies or other credentials that a page could borrow: a request is worth what its signature is.
    private static void AllowBrowsers(CorsPolicyBuilder policy, IReadOnlyList<string> origins)
    {
        if (origins is [FrontEndSettings.AnyOrigin])
            policy.AllowAnyOrigin();
        else
            policy.WithOrigins([.. origins]);
        policy
            .WithMethods(HttpMethods.Get, HttpMethods.Head, HttpMethods.Post)
            .WithHeaders(HeaderNames.ContentType, HeaderNames.UserAgent)
            .WithExposedHeaders(HeaderNames.Location, ProblemDocuments.ReplayNonce, HeaderNames.Link, HeaderNames.RetryAfter)
            .SetPreflightMaxAge(TimeSpan.FromDays(1));
    }
}
