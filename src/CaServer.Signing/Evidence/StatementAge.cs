namespace CaServer.Signing;

/// <summary>The times in statements, and how claims are shown in sentences.</summary>
internal static class StatementAge
{
    /// <summary>How old something is, or null if it is dated further in the future than clocks may differ.</summary>
    internal static TimeSpan? Of(long epochSeconds, TimeSpan skew, DateTimeOffset at)
    {
        var age = Between(epochSeconds, at);
        return age >= -skew ? age : null;
    }

    /// <summary>The clause that refuses what is dated in the future.</summary>
    internal static string InTheFuture(long epochSeconds, DateTimeOffset at) =>
        $"is dated {Shown(-Between(epochSeconds, at))} in the future; check the clocks of the perspective and of the signer";

    // A statement that is not verified yet may hold anything; a sentence goes to logs and clients.
    internal static string Shown(string claimed) =>
        new([.. claimed.Take(80).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '_' ? c : '?')]);

    internal static string Shown(TimeSpan span) => span switch
    {
        { TotalDays: >= 2 } => $"{(long)span.TotalDays} days",
        { TotalHours: >= 2 } => $"{(long)span.TotalHours} hours",
        _ => $"{(long)Math.Ceiling(span.TotalSeconds)} seconds",
    };

    // A number beyond what a date can be is no less from the future (or the past) than one just outside.
    private static TimeSpan Between(long epochSeconds, DateTimeOffset at) => at - DateTimeOffset.FromUnixTimeSeconds(
        Math.Clamp(epochSeconds, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
}
