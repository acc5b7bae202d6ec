using System.Globalization;
using System.Text.Json;
using CaServer.Domain;
using CaServer.Pki.Jose;

namespace CaServer.Acme;

/// <summary>Reads members of request payloads. Members that are not known are ignored (RFC 8555 §7.1), wrong types are not.</summary>
internal static class Payload
{
    /// <summary>Parses a payload that must be a JSON object.</summary>
    public static JsonDocument Parse(FlattenedJws jws) =>
        jws.IsPostAsGet
            ? throw new AcmeException(ProblemType.Malformed, "The payload is empty; this request needs a JSON object.")
            : StrictJson.ParseObject(jws.Payload, "The payload");

    /// <summary>The boolean of this name; null if it is absent.</summary>
    public static bool? Boolean(JsonElement payload, string name)
    {
        if (!payload.TryGetProperty(name, out var value))
            return null;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new AcmeException(ProblemType.Malformed, $"The member \"{name}\" of the payload must be true or false."),
        };
    }

    /// <summary>The string of this name; null if it is absent.</summary>
    public static string? String(JsonElement payload, string name) => StrictJson.OptionalString(payload, name, "the payload");

    /// <summary>The array of this name; null if it is absent.</summary>
    public static IReadOnlyList<JsonElement>? Array(JsonElement payload, string name, int maxLength)
    {
        if (!payload.TryGetProperty(name, out var value))
            return null;
        if (value.ValueKind != JsonValueKind.Array)
            throw new AcmeException(ProblemType.Malformed, $"The member \"{name}\" of the payload must be an array.");
        if (value.GetArrayLength() > maxLength)
            throw new AcmeException(ProblemType.Malformed, $"The member \"{name}\" of the payload has more than {maxLength} entries.");
        return [.. value.EnumerateArray()];
    }

    /// <summary>The RFC 3339 time of this name; null if it is absent.</summary>
    public static DateTimeOffset? Time(JsonElement payload, string name)
    {
        if (String(payload, name) is not { } text)
            return null;
        return DateTimeOffset.TryParseExact(
                text,
                ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"],
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var time)
            ? time
            : throw new AcmeException(ProblemType.Malformed, $"The member \"{name}\" of the payload must be a time as RFC 3339 writes it, such as 2027-01-31T12:00:00Z.");
    }
}
