using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CaServer.Acme;

/// <summary>
/// A resource as JSON, encoded before anything is sent: with its length known, head and body leave as one TLS record. In chunks the
/// last, empty one would be a record and a system call of its own.
/// </summary>
internal sealed class JsonAnswer<T>(T resource, JsonTypeInfo<T> type, int status) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(resource, type);
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body, httpContext.RequestAborted);
    }
}
