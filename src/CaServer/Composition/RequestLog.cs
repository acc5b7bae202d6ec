using CaServer.Control;
using Serilog.Core;
using Serilog.Events;

namespace CaServer.Composition;

/// <summary>Gives each ACME request an id: in the answer's <c>X-Request-Id</c>, and in every log line written on its behalf.</summary>
internal sealed partial class RequestLog(RequestDelegate next, ILogger<RequestLog> log, TimeProvider clock)
{
    /// <summary>The property of log events that has the id.</summary>
    public const string RequestId = "RequestId";

    private static readonly AsyncLocal<string?> s_current = new();

    /// <summary>The id of the request that is being handled; null outside of one.</summary>
    public static string? Current => s_current.Value;

    public async Task InvokeAsync(HttpContext context)
    {
        // Connection and number in it: unique, made by Kestrel, and safe to show.
        var id = context.TraceIdentifier;
        context.Response.Headers["X-Request-Id"] = id;
        // It ends with this method: what an asynchronous method sets its caller does not see.
        s_current.Value = id;
        var begun = clock.GetTimestamp();
        await next(context);
        if (log.IsEnabled(LogLevel.Debug))
            Answered(context.Request.Method, ControlPage.Shown(context.Request.Path), context.Response.StatusCode, clock.GetElapsedTime(begun).TotalMilliseconds);
    }

    [LoggerMessage(1, LogLevel.Debug, "{Method} {Path} answered {Status} in {Milliseconds:0.0} ms")]
    private partial void Answered(string method, string path, int status, double milliseconds);
}

/// <summary>Puts the request's id on log events.</summary>
internal sealed class RequestIdEnricher : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        if (RequestLog.Current is { } id)
            logEvent.AddPropertyIfAbsent(new LogEventProperty(RequestLog.RequestId, new ScalarValue(id)));
    }
}
