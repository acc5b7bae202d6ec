namespace CaServer.Status;

/// <summary>Answers requests for CA certificates and CRLs, with GET and HEAD; conditional requests are answered with 304. OCSP has its own endpoint.</summary>
internal static class StatusEndpoint
{
    private const int LongFile = 64 * 1024;

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
        // Of a long one only a piece at a time is copied, as the client takes it.
        if (file.Bytes.Length > LongFile)
        {
            return TypedResults.Stream(StreamOf(file.Bytes), file.ContentType, lastModified: file.LastModified, entityTag: file.ETag)
                .ExecuteAsync(context);
        }
        return TypedResults.Bytes(file.Bytes, file.ContentType, lastModified: file.LastModified, entityTag: file.ETag).ExecuteAsync(context);
    }

    // Every document is an array or a part of one.
    private static MemoryStream StreamOf(ReadOnlyMemory<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);
}
