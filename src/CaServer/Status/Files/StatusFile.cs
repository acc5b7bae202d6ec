using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace CaServer.Status;

/// <summary>A document served as it is: its bytes and the headers that go with them.</summary>
internal sealed class StatusFile(ReadOnlyMemory<byte> bytes, string contentType, DateTimeOffset lastModified, TimeSpan maxAge)
{
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    public string ContentType { get; } = contentType;

    public DateTimeOffset LastModified { get; } = lastModified;

    /// <summary>Strong: the hash of the bytes.</summary>
    public EntityTagHeaderValue ETag { get; } = new('"' + Base64Url.EncodeToString(SHA256.HashData(bytes.Span).AsSpan(0, 16)) + '"');

    public string CacheControl { get; } = $"public, max-age={(long)maxAge.TotalSeconds}";
}
