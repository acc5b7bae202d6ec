using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Values as columns keep them.</summary>
internal static class Columns
{
    public static string Of(IReadOnlyList<string> values) => JsonSerializer.Serialize(values, ColumnJson.Default.IReadOnlyListString);

    public static IReadOnlyList<string> Strings(string json) => Read(json, ColumnJson.Default.IReadOnlyListString);

    public static string Of(IReadOnlyList<Identifier> names) =>
        JsonSerializer.Serialize(names.Select(n => new StoredName(n.Type, n.ToString())).ToArray(), ColumnJson.Default.StoredNameArray);

    public static IReadOnlyList<Identifier> Identifiers(string json) =>
        [.. Read(json, ColumnJson.Default.StoredNameArray).Select(n => Identifier(n.Type, n.Value))];

    public static string Of(AcmeProblem problem) => JsonSerializer.Serialize(StoredProblem.Of(problem), ColumnJson.Default.StoredProblem);

    public static AcmeProblem? Problem(string? json) => json is null ? null : Read(json, ColumnJson.Default.StoredProblem).ToProblem();

    /// <summary>An identifier in wire form, as it was stored.</summary>
    public static Identifier Identifier(IdentifierType type, string value) =>
        Domain.Identifier.TryParse(type, value, out var identifier, out var fault)
            ? identifier
            : throw new FormatException($"The stored identifier '{value}' {fault}.");

    /// <summary>A time as it will be read back.</summary>
    public static DateTimeOffset Whole(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    /// <summary>Text as it stands in a pattern of LIKE … ESCAPE '!'.</summary>
    public static string Like(string text) =>
        text.Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal);

    private static T Read<T>(string json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class =>
        JsonSerializer.Deserialize(json, type) ?? throw new FormatException($"A stored {typeof(T).Name} is null.");
}

internal sealed record StoredName(IdentifierType Type, string Value);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(StoredName[]))]
[JsonSerializable(typeof(StoredProblem))]
internal sealed partial class ColumnJson : JsonSerializerContext;
