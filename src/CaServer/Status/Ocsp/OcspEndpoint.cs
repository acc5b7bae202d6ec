using System.Buffers;
using System.IO.Pipelines;
using CaServer.Domain;
using CaServer.Pki.X509;
using Microsoft.AspNetCore.Http.Features;

namespace CaServer.Status;

/// <summary>
/// Answers <c>/ocsp/{issuer}</c>, GET and POST (RFC 6960 appendix A, RFC 9919 §5). A request about one certificate is answered
/// from memory with a response signed ahead; anything else costs a limited something.
/// </summary>
internal sealed class OcspEndpoint(OcspAnswers answers, OcspResponders responders, OcspMisses misses, OcspHeaders headers, TimeProvider clock)
{
    /// <summary>What all OCSP paths begin with.</summary>
    public const string Prefix = "/ocsp/";

    private const string RequestType = "application/ocsp-request";

    /// <summary>Answers a request whose path begins with <see cref="Prefix"/>.</summary>
    public Task AnswerAsync(HttpContext context)
    {
        // As it stands in the request line: the framework's path is decoded, and keeps %2F apart from a slash.
        var path = PathOf(((IHttpRequestFeature)context.Features[typeof(IHttpRequestFeature)]!).RawTarget);
        var rest = path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..] : default;
        var slash = rest.IndexOf('/');
        if (responders.FindIssuer(slash < 0 ? rest : rest[..slash]) is not { } issuer)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        {
            Span<byte> octets = stackalloc byte[OcspGetPath.BufferLength];
            var length = slash < 0 ? 0 : OcspGetPath.Decode(rest[(slash + 1)..], octets);
            return AnswerAsync(context, issuer, octets[..length]);
        }
        if (HttpMethods.IsPost(context.Request.Method))
            return PostAsync(context, issuer);
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = "GET, HEAD, POST";
        return Task.CompletedTask;
    }

    private Task PostAsync(HttpContext context, ServedIssuer issuer)
    {
        var request = context.Request;
        if (request.ContentType is { } type && !IsRequestType(type))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return Task.CompletedTask;
        }
        if (request.ContentLength > OcspRequest.MaxLength)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return Task.CompletedTask;
        }
        var reader = request.BodyReader;
        if (!reader.TryRead(out var result))
            return ReadAsync(context, issuer, reader);
        // A small body came with its head.
        if (result.IsCompleted && result.Buffer.IsSingleSegment && result.Buffer.Length <= OcspRequest.MaxLength)
        {
            var answer = AnswerAsync(context, issuer, result.Buffer.FirstSpan);
            reader.AdvanceTo(result.Buffer.End);
            return answer;
        }
        // Looked at again at once if it is complete or too long: there may be nothing more to come.
        var isEnough = result.IsCompleted || result.Buffer.Length > OcspRequest.MaxLength;
        reader.AdvanceTo(result.Buffer.Start, isEnough ? result.Buffer.Start : result.Buffer.End);
        return ReadAsync(context, issuer, reader);
    }

    private async Task ReadAsync(HttpContext context, ServedIssuer issuer, PipeReader reader)
    {
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            if (result.Buffer.Length > OcspRequest.MaxLength)
            {
                reader.AdvanceTo(result.Buffer.End);
                context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
                return;
            }
            if (result.IsCompleted)
            {
                var der = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                await AnswerAsync(context, issuer, der);
                return;
            }
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static bool IsRequestType(string type) =>
        type == RequestType || type.AsSpan().TrimEnd().Equals(RequestType, StringComparison.OrdinalIgnoreCase)
        || type.StartsWith(RequestType + ";", StringComparison.OrdinalIgnoreCase);

    private Task AnswerAsync(HttpContext context, ServedIssuer issuer, ReadOnlySpan<byte> der)
    {
        if (issuer.Hashes.IsPlainRequest(der, out var hash))
        {
            var serial = der[^SerialNumber.Length..];
            if (answers.TryRead(serial, out var record) && IsFresh(record))
                return headers.AnswerAsync(context, responders.At(record.Responder).Template, hash, serial, in record);
        }
        return AnswerOtherAsync(context, issuer, der.ToArray());
    }

    private Task AnswerOtherAsync(HttpContext context, ServedIssuer issuer, byte[] der)
    {
        if (!OcspRequest.TryParse(der, out var request))
            return OcspHeaders.ErrorAsync(context, OcspResponse.MalformedRequest);
        // RFC 9919 §3.2.3: about certificates of others there is nothing to say.
        foreach (var id in request.Certificates)
        {
            if (!issuer.Hashes.IsNamedBy(id))
                return OcspHeaders.ErrorAsync(context, OcspResponse.Unauthorized);
        }
        if (request.Certificates is not [var only])
            return misses.SeveralAsync(context, request);
        if (request.NonceValue is not null && misses.TakesNonce())
            return misses.WithNonceAsync(context, request);
        if (only.Serial.Length == SerialNumber.Length && answers.TryRead(only.Serial.Span, out var record) && IsFresh(record))
            return headers.AnswerAsync(context, responders.At(record.Responder).Template, only.Hash!.Value, only.Serial.Span, in record);
        return misses.MissAsync(context, request);
    }

    private bool IsFresh(in OcspRecord record) => record.NextUpdate > clock.GetUtcNow().ToUnixTimeSeconds();

    // A proxy may send the whole URL (RFC 9112 §3.2.2). A query is of no meaning here.
    private static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> target)
    {
        if (target is not ['/', ..])
        {
            var authority = target.IndexOf("://", StringComparison.Ordinal);
            var slash = authority < 0 ? -1 : target[(authority + 3)..].IndexOf('/');
            target = slash < 0 ? default : target[(authority + 3 + slash)..];
        }
        var query = target.IndexOf('?');
        return query < 0 ? target : target[..query];
    }
}
