namespace CaServer.Status;

/// <summary>Answers requests for CA certificates and CRLs, with GET and HEAD; conditional requests are answered with 304. OCSP has its own endpoint.</summary>
internal static class StatusEndpoint
{
    /// <summary>Answers whatever comes in by the plain HTTP listener.</summary>
    public static Task AnswerAsync(HttpContext context, StatusFiles files, OcspEndpoint? ocsp) =>
        ocsp is not null && context.Request.Path.Value is { } path && path.StartsWith(OcspEndpoint.Prefix, StringComparison.Ordinal)
            ? ocsp.AnswerAsync(context)
            : AnswerAsync(context, files);

    /// <summary>Answers with the document at the request's path.</summary>
    public static Task AnswerAsync(HttpContext context, StatusFiles files)
    {
        if (files.Find(context.Request.Path.Value) is not { } file)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }
        context.Response.Headers.CacheControl = file.CacheControl;
        return TypedResults.Bytes(file.Bytes, file.ContentType, lastModified: file.LastModified, entityTag: file.ETag).ExecuteAsync(context);
    }
}
