using CaServer.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;

namespace CaServer.Composition;

/// <summary>The log: lines for people or JSON, on standard output, where service managers and containers collect it.</summary>
internal static class LogSetup
{
    /// <summary>Creates the log. What the framework says below a warning is left out: it would repeat our own lines for each request.</summary>
    /// <param name="settings">Level and format.</param>
    /// <param name="toStandardError">Whether standard output is kept free for the result of a command.</param>
    public static Logger Create(LoggingSettings settings, bool toStandardError) => new LoggerConfiguration()
        .MinimumLevel.Is(LevelOf(settings.Level))
        .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
        .MinimumLevel.Override("System", LogEventLevel.Warning)
        // It has no warnings, only scope and activity of each request, of which nothing is written.
        .MinimumLevel.Override("Microsoft.AspNetCore.Hosting.Diagnostics", LevelAlias.Off)
        .Enrich.With<RequestIdEnricher>()
        .WriteTo.Console(FormatterOf(settings.Format), standardErrorFromLevel: toStandardError ? LogEventLevel.Verbose : null)
        .CreateLogger();

    private static LogEventLevel LevelOf(LogThreshold level) => level switch
    {
        LogThreshold.Debug => LogEventLevel.Debug,
        LogThreshold.Information => LogEventLevel.Information,
        LogThreshold.Warning => LogEventLevel.Warning,
        LogThreshold.Error => LogEventLevel.Error,
    };

    private static ITextFormatter FormatterOf(LogFormat format) => format switch
    {
        LogFormat.Text => new TextLogFormatter(),
        LogFormat.Json => new RenderedCompactJsonFormatter(),
    };
}
