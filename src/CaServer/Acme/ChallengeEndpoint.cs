using CaServer.Domain;
using CaServer.Storage;
using CaServer.Workers;

namespace CaServer.Acme;

/// <summary>A challenge: read with POST-as-GET, answered with an empty object (RFC 8555 §7.5.1).</summary>
internal static class ChallengeEndpoint
{
    public static async Task<IResult> PostAsync(
        string id, SignedRequest request, PublicIds ids, AuthorizationStore authorizations, ValidationQueue validator, FrontEndSettings settings,
        TimeProvider clock, HttpContext context)
    {
        if (!ids.TryDecode(id, out ChallengeId challengeId))
            throw OrderEndpoint.NotFound("challenge");
        var authorization = await FindAsync(challengeId, request, authorizations, context.RequestAborted);
        var challenge = authorization.Challenges.Single(c => c.Id == challengeId);
        if (!request.Jws.IsPostAsGet)
        {
            // The payload must be an object; what older clients put into it (keyAuthorization) is ignored.
            using var payload = Payload.Parse(request.Jws);
            if (challenge.Status == ChallengeStatus.Pending)
            {
                challenge = await AnswerAsync(challenge, authorization, request, authorizations, validator, settings, clock, context.RequestAborted);
            }
        }
        // RFC 8555 §7.5.1: the authorization is linked "up".
        context.Response.Headers.Append("Link", $"<{settings.Urls.Authorization(authorization.Id)}>;rel=\"up\"");
        // What was done, step by step.
        if (challenge.Error?.Instance is { } page)
            context.Response.Headers.Append("Link", $"<{page}>;rel=\"help\"");
        if (challenge.Status == ChallengeStatus.Processing)
            context.Response.Headers.RetryAfter = OrderEndpoint.RetryAfterSeconds;
        return AcmeJson.Answer(ChallengeResource.Of(challenge, authorization, request.Account, settings), AcmeJson.Default.ChallengeResource);
    }

    private static async Task<Challenge> AnswerAsync(
        Challenge challenge, Authorization authorization, SignedRequest request, AuthorizationStore authorizations, ValidationQueue validator,
        FrontEndSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (authorization.StatusAt(clock.GetUtcNow()) != AuthorizationStatus.Pending)
            throw new AcmeException(ProblemType.Malformed, $"The authorization is {WireName.Of(authorization.StatusAt(clock.GetUtcNow()))}; place a new order.");
        var outcome = validator.Begin(challenge, authorization, request.Account.Thumbprint);
        if (outcome is not null && await Outcomes<ChallengeId, ProvedChallenge>.WaitAsync(outcome, settings.ChallengeWait, clock, cancellationToken))
        {
            if (await outcome is { } proved)
                return challenge with { Status = ChallengeStatus.Valid, ValidatedAt = proved.ValidatedAt, Error = null };
            if (await AgainAsync() is { Status: not ChallengeStatus.Pending } decided)
                return decided;
        }
        // The client is told that the challenge is being processed, and may not answer it again: from here on it must survive us.
        await validator.StoreAsync(challenge.Id, underWay: outcome is { IsCompleted: false }, cancellationToken);
        return await AgainAsync();

        async Task<Challenge> AgainAsync() =>
            (await FindAsync(challenge.Id, request, authorizations, cancellationToken)).Challenges.Single(c => c.Id == challenge.Id);
    }

    private static async Task<Authorization> FindAsync(
        ChallengeId id, SignedRequest request, AuthorizationStore authorizations, CancellationToken cancellationToken)
    {
        if (await authorizations.FindByChallengeAsync(id, cancellationToken) is not { } authorization
            || !MethodRule.Of(authorization.Challenges.Single(c => c.Id == id).Method).IsChallenge)
        {
            throw OrderEndpoint.NotFound("challenge");
        }
        if (authorization.AccountId != request.Account.Id)
            throw new AcmeException(ProblemType.Unauthorized, "The challenge belongs to another account.");
        return authorization;
    }
}
