using CaServer.Domain;
using CaServer.Pki.Jose;

namespace CaServer.Acme;

/// <summary>Reads a request body as a JWS, within bounds.</summary>
internal static class SignedBody
{
    /// <summary>Largest request body in octets. The largest honest one is a finalize with a CSR of 100 names, about 8 KiB.</summary>
    internal const int MaxLength = 64 * 1024;

    private const string ContentType = "application/jose+json";

    /// <summary>Reads and parses the body and checks that it was made for this URL.</summary>
    /// <exception cref="AcmeException">malformed (400, 413, 415), unauthorized or badSignatureAlgorithm.</exception>
    public static async Task<FlattenedJws> ReadAsync(HttpContext context, string expectedUrl)
    {
        // RFC 8555 §6.2.
        if (!IsJoseJson(context.Request.ContentType))
            throw Malformed(StatusCodes.Status415UnsupportedMediaType, $"The Content-Type must be {ContentType}.");
        var jws = FlattenedJws.Parse(await ReadOctetsAsync(context));
        // RFC 8555 §6.4: a request signed for another resource must not be replayed here.
        if (!string.Equals(jws.Url, expectedUrl, StringComparison.Ordinal))
            throw new AcmeException(ProblemType.Unauthorized, $"The JWS was signed for another URL than {expectedUrl}; use the URLs that this server gave, unchanged.");
        return jws;
    }

    private static bool IsJoseJson(string? contentType)
    {
        var value = contentType.AsSpan();
        var parameters = value.IndexOf(';');
        return (parameters < 0 ? value : value[..parameters]).Trim().Equals(ContentType, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadOctetsAsync(HttpContext context)
    {
        var length = context.Request.ContentLength;
        if (length > MaxLength)
            throw TooLarge();
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            if (result.Buffer.Length > MaxLength)
            {
                reader.AdvanceTo(result.Buffer.End);
                throw TooLarge();
            }
            if (result.IsCompleted)
            {
                var octets = new byte[result.Buffer.Length];
                System.Buffers.BuffersExtensions.CopyTo(result.Buffer, octets);
                reader.AdvanceTo(result.Buffer.End);
                return octets;
            }
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static AcmeException TooLarge() =>
        Malformed(StatusCodes.Status413PayloadTooLarge, $"The request body is larger than {MaxLength} octets.");

    private static AcmeException Malformed(int status, string detail) =>
        new(new AcmeProblem(ProblemType.Malformed, detail) { Status = status });
}
