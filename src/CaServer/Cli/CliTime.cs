using System.Globalization;
using CaServer.Configuration;

namespace CaServer.Cli;

/// <summary>Times on the command line and in what commands print.</summary>
internal static class CliTime
{
    /// <summary>RFC 3339, UTC, whole seconds.</summary>
    public static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads a date, or a time with zone or in UTC, such as <c>2027-01-31T12:00:00Z</c>.</summary>
    public static bool TryParse(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    /// <summary>Reads a length of time that is no longer than a century.</summary>
    public static bool TryParseLength(string text, out TimeSpan length) =>
        Duration.TryParse(text, out length) && length > TimeSpan.Zero && length < TimeSpan.FromDays(36_500);
}
