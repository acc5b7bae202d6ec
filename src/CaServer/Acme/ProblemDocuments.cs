using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CaServer.Domain;

namespace CaServer.Acme;

/// <summary>
/// Turns every refusal below <c>/acme</c> into a problem document (RFC 7807, RFC 8555 §6.7), and puts the headers on that all ACME
/// answers have. It is the only place where an exception meets a client.
/// </summary>
internal sealed partial class ProblemDocuments(RequestDelegate next, Nonces nonces, AcmeUrls urls, ILogger<ProblemDocuments> log)
{
    internal const string ReplayNonce = "Replay-Nonce";

    private const string ContentType = "application/problem+json";

    public async Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        // RFC 8555 §6.5: every successful answer to a POST and every error carries a nonce. §6.5.1, §7.2: it must not be cached.
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsOptions(context.Request.Method))
        {
            headers[ReplayNonce] = nonces.Issue();
            headers.CacheControl = "no-store";
        }
        // RFC 8555 §7.1: on all resources other than the directory.
        if (!context.Request.Path.Equals("/acme/directory", StringComparison.Ordinal))
            headers.Append("Link", $"<{urls.Directory}>;rel=\"index\"");
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, ContentLength: null, StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed })
                await WriteAsync(context, OfStatus(context.Response.StatusCode));
        }
        catch (AcmeException e)
        {
            LogRefused(e.Problem.Urn, e.Problem.Detail);
            await WriteAsync(context, e.Problem);
        }
        catch (BadHttpRequestException e)
        {
            await WriteAsync(context, new AcmeProblem(ProblemType.Malformed, "The HTTP request is malformed or took too long.") { Status = e.StatusCode });
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; nobody reads an answer.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var reference = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(6));
            LogFailed(reference, e);
            await WriteAsync(context, new AcmeProblem(
                ProblemType.ServerInternal,
                $"The server failed to handle the request. Try again later; if it stays, tell the operator the reference {reference}."));
        }
    }

    private static AcmeProblem OfStatus(int status) => new(
        ProblemType.Malformed,
        status == StatusCodes.Status405MethodNotAllowed
            ? "The resource does not allow this method; reads are POST-as-GET."
            : "There is no such resource; use the URLs that this server gave, unchanged.")
    {
        Status = status,
    };

    private async Task WriteAsync(HttpContext context, AcmeProblem problem)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        // RFC 8555 §6.5: badNonce must carry a nonce; errors to GET get one too, so that a client can go on.
        if (!response.Headers.ContainsKey(ReplayNonce))
            response.Headers[ReplayNonce] = nonces.Issue();
        response.Headers.CacheControl = "no-store";
        if (problem.RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (problem.Type == ProblemType.UserActionRequired && problem.Instance == urls.Terms)
            response.Headers.Append("Link", $"<{urls.Terms}>;rel=\"terms-of-service\"");
        // RFC 8555 §6.6: where the limits are explained.
        if (problem.Type == ProblemType.RateLimited)
            response.Headers.Append("Link", $"<{urls.Limits}>;rel=\"help\"");
        response.ContentType = ContentType;
        await JsonSerializer.SerializeAsync(response.Body, ProblemResource.Of(problem), AcmeJson.Default.ProblemResource, context.RequestAborted);
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Debug, Message = "Refused: {Urn}: {Detail}")]
    private partial void LogRefused(string urn, string detail);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Error, Message = "A request failed; the client was given the reference {Reference}")]
    private partial void LogFailed(string reference, Exception e);
}
