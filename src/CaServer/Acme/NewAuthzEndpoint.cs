using CaServer.Domain;
using CaServer.Limits;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>newAuthz (RFC 8555 §7.4.1): an identifier is proved ahead of any order for it.</summary>
internal static partial class NewAuthzEndpoint
{
    public static async Task<IResult> PostAsync(
        SignedRequest request, AuthorizationStore authorizations, ExternalAccounts external, FrontEndSettings settings, RateLimits rateLimits,
        TimeProvider clock, HttpContext context, ILogger<NewPreAuthorization> log)
    {
        using var payload = Payload.Parse(request.Jws);
        var wanted = RequestedIdentifier.ReadForAuthorization(
            payload.RootElement, settings, await external.LimitsOfAsync(request.Account, context.RequestAborted));
        var now = clock.GetUtcNow();
        var namesBelow = wanted.Domain is not null;
        var authorization = await authorizations.CreateAsync(
            new NewPreAuthorization
            {
                AccountId = request.Account.Id,
                Identifier = wanted.Identifier,
                NamesBelow = namesBelow,
                Challenges = settings.Offered.ChallengesFor(wanted.Identifier, namesBelow),
                Expires = now + settings.OrderLifetime,
                // As newOrder does: one that ends earlier would not be used.
                ReuseValidUntil = now + settings.OrderLifetime,
                ReusableMethods = settings.Offered.Reusable,
                Limits = (await rateLimits.CurrentAsync(context.RequestAborted)).NewAuthorization(request.Account.Id, wanted.Identifier),
                CreatedAt = now,
            },
            context.RequestAborted);
        LogGiven(log, authorization.Id.Value, request.Account.Id.Value, wanted.Identifier, authorization.Status);
        MixedScriptWarning.Tell(log, request.Account.Id, [wanted.Identifier]);
        context.Response.Headers.Location = settings.Urls.Authorization(authorization.Id);
        // 201 also for one that was there before: the section names no other status, and clients take none.
        return AcmeJson.Answer(
            AuthorizationEndpoint.Resource(authorization, request.Account, settings, now), AcmeJson.Default.AuthorizationResource, StatusCodes.Status201Created);
    }

    [LoggerMessage(EventId = 1302, Level = LogLevel.Information, Message = "Authorization {AuthorizationId} of account {AccountId} for {Name} asked for ahead of an order; it is {Status}")]
    private static partial void LogGiven(ILogger log, long authorizationId, long accountId, Identifier name, AuthorizationStatus status);
}
