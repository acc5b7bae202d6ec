using System.Globalization;
using CaServer.Pki.X509;
using Microsoft.Net.Http.Headers;

namespace CaServer.Status;

/// <summary>Writes OCSP answers with the headers that let caches keep them (RFC 9919 §6).</summary>
internal sealed class OcspHeaders(TimeSpan maxAge, TimeProvider clock)
{
    private const string ResponseType = "application/ocsp-response";

    private readonly string _cacheControl = $"max-age={(long)maxAge.TotalSeconds}, public, no-transform, must-revalidate";
    private readonly uint _maxAge = (uint)maxAge.TotalSeconds;

    // Texts of times, each at the place that its seconds lead to; a race makes one twice.
    private readonly TimeText?[] _times = new TimeText?[256];

    /// <summary>A response signed ahead, or 304.</summary>
    public Task AnswerAsync(HttpContext context, OcspTemplate template, OcspHash hash, ReadOnlySpan<byte> serial, ref readonly OcspRecord record)
    {
        ReadOnlySpan<byte> signature = record.SignatureFor(hash);
        // A strong validator: the signature stands for what it signs, and no two are alike.
        var etag = EtagOf(signature);
        var response = context.Response;
        var now = (uint)clock.GetUtcNow().ToUnixTimeSeconds();
        var headers = response.Headers;
        headers.ETag = etag;
        headers.LastModified = Date(record.ThisUpdate);
        // RFC 9919 §6.2: not beyond nextUpdate.
        if (record.NextUpdate - now >= _maxAge)
        {
            headers.CacheControl = _cacheControl;
            headers.Expires = Date(now + _maxAge);
        }
        else
        {
            headers.CacheControl = $"max-age={record.NextUpdate - now}, public, no-transform, must-revalidate";
            headers.Expires = Date(record.NextUpdate);
        }
        if (IsUnmodified(context.Request, etag, record.ThisUpdate))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        Span<byte> octets = stackalloc byte[template.MaxLength];
        octets = octets[..template.Write(octets, hash, serial, record.Answer, signature)];
        return WriteAsync(context, octets);
    }

    /// <summary>A response that no cache may give to others: it has a nonce, or is about what does not exist.</summary>
    public static Task SignedForOneAsync(HttpContext context, ReadOnlyMemory<byte> octets) => ErrorAsync(context, octets);

    /// <summary>An error of the OCSP protocol, which HTTP takes for a success: clients look for it in the body (RFC 6960 appendix A.2).</summary>
    public static Task ErrorAsync(HttpContext context, ReadOnlyMemory<byte> octets)
    {
        context.Response.Headers.CacheControl = "no-store";
        return WriteAsync(context, octets.Span);
    }

    private static Task WriteAsync(HttpContext context, ReadOnlySpan<byte> octets)
    {
        var response = context.Response;
        response.ContentType = ResponseType;
        response.ContentLength = octets.Length;
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        var writer = response.BodyWriter;
        octets.CopyTo(writer.GetSpan(octets.Length));
        writer.Advance(octets.Length);
        return Task.CompletedTask;
    }

    // RFC 9110 §13.2.2: If-None-Match counts before If-Modified-Since; neither for POST.
    private static bool IsUnmodified(HttpRequest request, string etag, uint modified)
    {
        if (HttpMethods.IsPost(request.Method))
            return false;
        var match = request.Headers.IfNoneMatch;
        if (match.Count > 0)
            return match.ToString() is var list && (list == "*" || list.Contains(etag, StringComparison.Ordinal));
        return request.Headers.IfModifiedSince is { Count: 1 } since
            && HeaderUtilities.TryParseDate(since.ToString(), out var date) && date.ToUnixTimeSeconds() >= modified;
    }

    private static string EtagOf(ReadOnlySpan<byte> signature) => string.Create(34, signature[..16], (text, octets) =>
    {
        text[0] = text[^1] = '"';
        Convert.TryToHexStringLower(octets, text[1..^1], out _);
    });

    private string Date(uint seconds)
    {
        ref var place = ref _times[(byte)seconds];
        var time = Volatile.Read(ref place);
        if (time?.Seconds != seconds)
            Volatile.Write(ref place, time = new TimeText(seconds, DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("r", CultureInfo.InvariantCulture)));
        return time.Text;
    }

    private sealed record TimeText(uint Seconds, string Text);
}
