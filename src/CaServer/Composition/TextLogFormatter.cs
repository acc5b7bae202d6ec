using CaServer.Configuration;
using Serilog.Events;
using Serilog.Formatting;

namespace CaServer.Composition;

/// <summary>
/// One event as text for people: time (UTC), level, request id if there is one, message. A message stays on one line whatever a
/// client put into it; only an exception takes more.
/// </summary>
internal sealed class TextLogFormatter : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        output.Write(logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'"));
        output.Write(LevelOf(logEvent.Level));
        if (logEvent.Properties.TryGetValue(RequestLog.RequestId, out var id) && id is ScalarValue { Value: string text })
        {
            output.Write('[');
            output.Write(text);
            output.Write("] ");
        }
        output.WriteLine(OneLine.Of(logEvent.RenderMessage()));
        if (logEvent.Exception is not null)
            output.WriteLine(logEvent.Exception);
    }

    private static string LevelOf(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose or LogEventLevel.Debug => " debug  ",
        LogEventLevel.Information => " info   ",
        LogEventLevel.Warning => " WARNING ",
        LogEventLevel.Error or LogEventLevel.Fatal => " ERROR  ",
    };
}
