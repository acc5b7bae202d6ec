using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Cli;

/// <summary>What <c>caserver limits</c> prints.</summary>
internal static class LimitsOutput
{
    /// <summary>The limits in force, exceptions and, if asked for, what is used up.</summary>
    public static void Write(CaServerSettings settings, IReadOnlyList<LimitOverride> overrides, IReadOnlyList<LimitState>? states, DateTimeOffset now, bool json)
    {
        var defaults = settings.Limits.Defaults;
        var rules = new LimitRules(defaults, overrides, settings.Policy.Suffixes);
        var result = new LimitsResult
        {
            Enabled = settings.Limits.Enabled,
            Limits = [.. Enum.GetValues<LimitKind>().Select(k => LimitResult.Of(k, defaults))],
            Overrides = [.. overrides.Select(OverrideResult.Of)],
            Used = states?.Select(s => UsedResult.Of(s, rules, now)).ToArray(),
        };
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, LimitsJson.Default.LimitsResult));
            return;
        }
        if (!result.Enabled)
            Console.WriteLine("Limits are off (Limits:Enabled is false).");
        foreach (var limit in result.Limits)
            Console.WriteLine($"{limit.Limit,-22} {Amount(limit.Count, limit.Period, limit.Burst)}");
        Console.WriteLine(result.Overrides.Count == 0 ? "There are no exceptions." : "Exceptions:");
        foreach (var exception in result.Overrides)
            Write(exception);
        if (result.Used is not { } used)
            return;
        Console.WriteLine(used.Count == 0 ? "Nothing is used up." : "Used up most:");
        foreach (var one in used)
            Write(one);
    }

    /// <summary>What is used up of a subject.</summary>
    public static void Write(LimitSubject subject, IReadOnlyList<LimitState> states, LimitRules rules, DateTimeOffset now, bool json)
    {
        UsedResult[] results = [.. states.Select(s => UsedResult.Of(s, rules, now))];
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(results, LimitsJson.Default.UsedResultArray));
            return;
        }
        if (results.Length == 0)
            Console.WriteLine($"Nothing is used up of {subject}.");
        foreach (var result in results)
            Write(result);
    }

    /// <summary>An exception.</summary>
    public static void Write(LimitOverride exception, bool json)
    {
        var result = OverrideResult.Of(exception);
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(result, LimitsJson.Default.OverrideResult));
        else
            Write(result);
    }

    private static void Write(OverrideResult result) =>
        Console.WriteLine($"{result.Limit,-22} {result.Subject}: {Amount(result.Count, result.Period, result.Burst)}{(result.Note is null ? "" : $"  ({result.Note})")}");

    private static void Write(UsedResult result) => Console.WriteLine(
        $"{result.Limit,-22} {result.Key}: {(result.Burst is { } burst ? $"{result.Used} of {burst}" : "not limited any more")}{(result.RoomAt is { } at ? $", room again at {at}" : "")}");

    private static string Amount(long? count, string? period, int? burst) => (count, period) switch
    {
        (null, _) => "any number",
        (_, null) => $"{count} at the same time",
        _ => $"{count} in {period}{(burst == count ? "" : $", {burst} at once")}",
    };
}

/// <summary>What <c>limits list --json</c> prints.</summary>
internal sealed record LimitsResult
{
    public required bool Enabled { get; init; }

    public required IReadOnlyList<LimitResult> Limits { get; init; }

    public required IReadOnlyList<OverrideResult> Overrides { get; init; }

    public IReadOnlyList<UsedResult>? Used { get; init; }
}

/// <summary>A limit in force; without count it allows any number.</summary>
internal sealed record LimitResult(string Limit, long? Count, string? Period, int? Burst)
{
    public static LimitResult Of(LimitKind limit, LimitDefaults defaults) =>
        defaults.Rates.TryGetValue(limit, out var rate)
            ? new LimitResult(WireName.Of(limit), rate.Count, Duration.Format(rate.Period), rate.Burst)
            : new LimitResult(WireName.Of(limit), limit == LimitKind.PendingAuthorizations ? defaults.MaxPending : null, null, null);
}

/// <summary>An exception; without count it allows any number.</summary>
internal sealed record OverrideResult(string Limit, string Subject, int? Count, string? Period, int? Burst, string? Note, string CreatedAt)
{
    public static OverrideResult Of(LimitOverride exception) => new(
        WireName.Of(exception.Limit),
        exception.Subject.ToString(),
        exception.Count,
        exception.Period is { } period ? Duration.Format(period) : null,
        exception.Burst,
        exception.Note,
        CliTime.Rfc3339(exception.CreatedAt));
}

/// <summary>What is used up under a key.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Key">The key.</param>
/// <param name="Used">How many of <paramref name="Burst"/>.</param>
/// <param name="Burst">How many may be used at once; null if the key is not limited any more.</param>
/// <param name="RoomAt">When there is room again; null if there is room now.</param>
internal sealed record UsedResult(string Limit, string Key, long? Used, int? Burst, string? RoomAt)
{
    public static UsedResult Of(LimitState state, LimitRules rules, DateTimeOffset now)
    {
        var name = WireName.Of(state.Limit);
        if (rules.RateOf(state.Limit, state.Key) is not { } rate)
            return new UsedResult(name, state.Key, null, null, null);
        var tat = rate.Converted(state.Tat, state.Interval, now);
        // Rounded up: there is room at the time shown.
        var roomAt = rate.NextAt(tat) is var at && at > now ? CliTime.Rfc3339(at.AddMilliseconds(999)) : null;
        return new UsedResult(name, state.Key, rate.UsedAt(tat, now), rate.Burst, roomAt);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(LimitsResult))]
[JsonSerializable(typeof(OverrideResult))]
[JsonSerializable(typeof(UsedResult[]))]
internal sealed partial class LimitsJson : JsonSerializerContext;
