using CaServer.Domain;
using CaServer.Storage;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CaServer.Acme;

/// <summary>
/// What the perspectives did to check an authorization: a page for people, JSON for programs, for whoever has the link. The link cannot
/// be told from the authorization's URL, nor that from the link, so that either can be passed on, to a forum say, without the other.
/// </summary>
internal static class ChecksEndpoint
{
    // Attempts are few; those of many perspectives, and of names below a domain, add up.
    private const int MaxChecks = 100;

    public static async Task<IResult> GetAsync(
        string id, PublicIds ids, AuthorizationStore authorizations, TimeProvider clock, HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.Vary = HeaderNames.Accept;
        var json = PrefersJson(context.Request.Headers.Accept);
        if (!ids.TryDecodeChecks(id, out var authorizationId)
            || await authorizations.FindAsync(authorizationId, context.RequestAborted) is not { } authorization)
        {
            return json ? throw OrderEndpoint.NotFound("authorization") : ChecksPage.NotFound();
        }
        var checks = await authorizations.ListChecksAsync(authorizationId, MaxChecks, context.RequestAborted);
        var now = clock.GetUtcNow();
        return json
            ? AcmeJson.Answer(ChecksResource.Of(authorization, checks, now), ChecksJson.Default.ChecksResource)
            : ChecksPage.Of(authorization, checks, now);
    }

    // A browser asks for HTML; whoever does not care is taken for a person.
    private static bool PrefersJson(StringValues accept) =>
        MediaTypeHeaderValue.TryParseList(accept, out var types)
        && types.OrderByDescending(t => t.Quality ?? 1).FirstOrDefault(t => t.MediaType != "*/*") is { } first
        && (first.MediaType == "application/json" || first.Suffix == "json");
}
