namespace CaServer.Acme;

/// <summary>newNonce (RFC 8555 §7.2): HEAD is answered with 200, GET and POST-as-GET with 204; the nonce stands in the header.</summary>
internal static class NewNonceEndpoint
{
    public static IResult Head() => Results.Ok();

    // The nonce is that of every answer to a POST.
    public static IResult Post(SignedRequest request)
    {
        request.RequirePostAsGet();
        return Results.NoContent();
    }

    public static IResult Get(HttpContext context, Nonces nonces)
    {
        context.Response.Headers[ProblemDocuments.ReplayNonce] = nonces.Issue();
        context.Response.Headers.CacheControl = "no-store";
        return Results.NoContent();
    }
}
