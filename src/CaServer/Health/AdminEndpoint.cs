using System.Text.Json.Serialization;

namespace CaServer.Health;

/// <summary>Health and metrics, on the listener for monitoring alone.</summary>
internal static class AdminEndpoint
{
    /// <summary>Answers <c>/health/live</c>, <c>/health/ready</c> and <c>/metrics</c>.</summary>
    public static Task AnswerAsync(HttpContext context, Readiness readiness, Metrics metrics)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "GET";
            return Task.CompletedTask;
        }
        context.Response.Headers.CacheControl = "no-store";
        switch (context.Request.Path.Value)
        {
            case "/health/live":
                return AnswerAsync(context, new Health("live", null));
            case "/health/ready":
                return ReadyAsync(context, readiness);
            case "/metrics":
                return metrics.WriteAsync(context.Response, context.RequestAborted);
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }

    private static async Task ReadyAsync(HttpContext context, Readiness readiness)
    {
        var checks = await readiness.CheckAsync(context.RequestAborted);
        var isReady = checks.All(c => c.Fault is null);
        if (!isReady)
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        await AnswerAsync(context, new Health(isReady ? "ready" : "not ready", checks.ToDictionary(c => c.Name, c => c.Fault ?? "ok")));
    }

    private static Task AnswerAsync(HttpContext context, Health health) =>
        context.Response.WriteAsJsonAsync(health, HealthJson.Default.Health, cancellationToken: context.RequestAborted);
}

/// <summary>An answer about health.</summary>
/// <param name="Status"><c>live</c>, <c>ready</c> or <c>not ready</c>.</param>
/// <param name="Checks"><c>ok</c> or a fault, by check.</param>
internal sealed record Health(string Status, IReadOnlyDictionary<string, string>? Checks);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Health))]
internal sealed partial class HealthJson : JsonSerializerContext;
