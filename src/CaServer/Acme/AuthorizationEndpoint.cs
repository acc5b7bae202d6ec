using System.Text.Json;
using CaServer.Domain;
using CaServer.Storage;
using CaServer.Workers;

namespace CaServer.Acme;

/// <summary>An authorization: read and deactivate (RFC 8555 §7.5, §7.5.2).</summary>
internal static partial class AuthorizationEndpoint
{
    public static async Task<IResult> PostAsync(
        string id, SignedRequest request, PublicIds ids, AuthorizationStore authorizations, ValidationQueue validator, FrontEndSettings settings, TimeProvider clock,
        HttpContext context, ILogger<Authorization> log)
    {
        if (!ids.TryDecode(id, out AuthorizationId authorizationId)
            || await authorizations.FindAsync(authorizationId, context.RequestAborted) is not { } authorization)
        {
            throw OrderEndpoint.NotFound("authorization");
        }
        if (authorization.AccountId != request.Account.Id)
            throw new AcmeException(ProblemType.Unauthorized, "The authorization belongs to another account.");
        if (!request.Jws.IsPostAsGet)
        {
            authorization = await DeactivateAsync(authorization, request, authorizations, log, context.RequestAborted);
            foreach (var challenge in authorization.Challenges)
                validator.Cancel(challenge.Id);
        }

        // What was done to check it, step by step.
        if (authorization.Status is AuthorizationStatus.Valid or AuthorizationStatus.Invalid)
            context.Response.Headers.Append("Link", $"<{settings.Urls.Checks(authorization.Id)}>;rel=\"help\"");
        if (authorization.Challenges.Any(c => c.Status == ChallengeStatus.Processing))
            context.Response.Headers.RetryAfter = OrderEndpoint.RetryAfterSeconds;
        return AcmeJson.Answer(Resource(authorization, request.Account, settings, clock.GetUtcNow()), AcmeJson.Default.AuthorizationResource);
    }

    private static async Task<Authorization> DeactivateAsync(
        Authorization authorization, SignedRequest request, AuthorizationStore authorizations, ILogger log, CancellationToken cancellationToken)
    {
        using var payload = Payload.Parse(request.Jws);
        RequireDeactivation(payload.RootElement);
        if (!await authorizations.DeactivateAsync(authorization.Id, cancellationToken))
            throw new AcmeException(ProblemType.Malformed, "The authorization is neither pending nor valid, so it cannot be deactivated.");
        LogDeactivated(log, authorization.Id.Value, authorization.AccountId.Value);
        return await authorizations.FindAsync(authorization.Id, cancellationToken) ?? authorization with { Status = AuthorizationStatus.Deactivated };
    }

    /// <summary>Reads the one change that there is (RFC 8555 §7.5.2).</summary>
    internal static void RequireDeactivation(JsonElement payload)
    {
        if (Payload.String(payload, "status") != WireName.Of(AuthorizationStatus.Deactivated))
            throw new AcmeException(ProblemType.Malformed, "The only change to an authorization is \"status\": \"deactivated\".");
    }

    internal static AuthorizationResource Resource(Authorization authorization, Account account, FrontEndSettings settings, DateTimeOffset now)
    {
        // RFC 8555 §7.1.4: a valid authorization shows the challenge that was met, an invalid one the challenge that failed.
        var shown = authorization.Status is AuthorizationStatus.Pending
            ? authorization.Challenges
            : authorization.Challenges.Where(c => c.Status != ChallengeStatus.Pending);
        return new AuthorizationResource
        {
            Identifier = IdentifierResource.Of(authorization.Identifier.WithoutWildcard()),
            Status = WireName.Of(authorization.StatusAt(now)),
            Expires = AcmeJson.Rfc3339(authorization.Expires),
            // A proof that was no challenge has none to show.
            Challenges = [.. shown.Where(c => MethodRule.Of(c.Method).IsChallenge).Select(c => ChallengeResource.Of(c, authorization, account, settings))],
            Wildcard = authorization.Identifier.IsWildcard ? true : null,
            SubdomainAuthAllowed = authorization.NamesBelow ? true : null,
        };
    }

    [LoggerMessage(EventId = 1301, Level = LogLevel.Information, Message = "Authorization {AuthorizationId} deactivated by account {AccountId}")]
    private static partial void LogDeactivated(ILogger log, long authorizationId, long accountId);
}
