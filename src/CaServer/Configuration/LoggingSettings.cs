using System.Text.Json.Serialization;
using CaServer.Domain;

namespace CaServer.Configuration;

/// <summary>Section <c>Logging</c>.</summary>
internal sealed class LoggingOptions
{
    /// <summary><c>debug</c>, <c>information</c>, <c>warning</c> or <c>error</c>.</summary>
    public string Level { get; set; } = "information";

    /// <summary><c>text</c> for people or <c>json</c>, one object a line.</summary>
    public string Format { get; set; } = "text";
}

/// <summary>The least level that is logged.</summary>
internal enum LogThreshold
{
    [JsonStringEnumMemberName("debug")] Debug,
    [JsonStringEnumMemberName("information")] Information,
    [JsonStringEnumMemberName("warning")] Warning,
    [JsonStringEnumMemberName("error")] Error,
}

/// <summary>How the log is written.</summary>
internal enum LogFormat
{
    [JsonStringEnumMemberName("text")] Text,
    [JsonStringEnumMemberName("json")] Json,
}

/// <summary>Logging, validated.</summary>
internal sealed record LoggingSettings(LogThreshold Level, LogFormat Format)
{
    public static LoggingSettings Parse(LoggingOptions options, SettingFaults faults)
    {
        if (!WireName.TryParse(options.Level, out LogThreshold level))
            faults.Add("Logging:Level", $"must be {string.Join(", ", WireName.All<LogThreshold>())}, not '{options.Level}'");
        if (!WireName.TryParse(options.Format, out LogFormat format))
            faults.Add("Logging:Format", $"must be {string.Join(" or ", WireName.All<LogFormat>())}, not '{options.Format}'");
        return new LoggingSettings(level, format);
    }
}
