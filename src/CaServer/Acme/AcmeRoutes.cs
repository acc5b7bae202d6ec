namespace CaServer.Acme;

/// <summary>One line for each resource of RFC 8555.</summary>
internal static class AcmeRoutes
{
    /// <summary>
    /// Maps the resources below <c>/acme</c>. Everything but the directory, newNonce, renewal information and the page about checks is
    /// POST only; the first two are read either way (RFC 8555 §6.3).
    /// </summary>
    public static void MapAcme(this IEndpointRouteBuilder routes)
    {
        var acme = routes.MapGroup("/acme");
        acme.MapMethods("/directory", [HttpMethods.Get, HttpMethods.Head], DirectoryEndpoint.Get);
        acme.MapPost("/directory", DirectoryEndpoint.Post);
        acme.MapMethods("/new-nonce", [HttpMethods.Head], NewNonceEndpoint.Head);
        acme.MapGet("/new-nonce", NewNonceEndpoint.Get);
        acme.MapPost("/new-nonce", NewNonceEndpoint.Post);
        acme.MapPost("/new-account", NewAccountEndpoint.PostAsync);
        acme.MapPost("/account/{id}", AccountEndpoint.PostAsync);
        acme.MapPost("/account/{id}/orders", OrdersEndpoint.PostAsync);
        acme.MapPost("/key-change", KeyChangeEndpoint.PostAsync);
        acme.MapPost("/new-order", NewOrderEndpoint.PostAsync);
        acme.MapPost("/new-authz", NewAuthzEndpoint.PostAsync);
        acme.MapPost("/order/{id}", OrderEndpoint.PostAsync);
        acme.MapPost("/order/{id}/finalize", FinalizeEndpoint.PostAsync);
        acme.MapPost("/authorization/{id}", AuthorizationEndpoint.PostAsync);
        acme.MapPost("/challenge/{id}", ChallengeEndpoint.PostAsync);
        acme.MapMethods("/checks/{id}", [HttpMethods.Get, HttpMethods.Head], ChecksEndpoint.GetAsync);
        acme.MapPost("/certificate/{id}", CertificateEndpoint.PostAsync);
        acme.MapPost("/certificate/{id}/{number}", CertificateEndpoint.PostAlternateAsync);
        acme.MapMethods("/renewal-info/{id}", [HttpMethods.Get, HttpMethods.Head], RenewalInfoEndpoint.GetAsync);
        acme.MapPost("/revoke-cert", RevokeCertEndpoint.PostAsync);
    }

    /// <summary>Puts the error and header handling in front of the resources, and where it is configured the one for browsers.</summary>
    public static void UseAcme(this IApplicationBuilder app) =>
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments("/acme", StringComparison.Ordinal),
            branch =>
            {
                // A preflight request ends here: it takes no nonce.
                if (app.ApplicationServices.GetRequiredService<FrontEndSettings>().CorsOrigins.Count > 0)
                    branch.UseCors();
                branch.UseMiddleware<ProblemDocuments>();
            });
}
