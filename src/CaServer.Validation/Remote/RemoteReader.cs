using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CaServer.Validation.Remote;

/// <summary>
/// Reads what another process wrote, all or nothing: what is kept and shown must be whole, or whoever looks at it later would stumble over a
/// missing text, a number of no name or a time without end.
/// </summary>
internal static class RemoteReader
{
    private static readonly JsonStringEnumConverter s_names = new(namingPolicy: null, allowIntegerValues: false);

    private static readonly JsonSerializerOptions s_strict = new(RemoteJson.Default.Options) { TypeInfoResolver = RemoteJson.Default.WithAddedModifier(Require) };

    /// <summary>Reads one value.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static T Read<T>(ReadOnlySpan<byte> utf8)
    {
        RequireValues(utf8);
        try
        {
            return (T)JsonSerializer.Deserialize(utf8, s_strict.GetTypeInfo(typeof(T)))!;
        }
        catch (NotSupportedException e)
        {
            // A step that does not say which it is.
            throw new JsonException(e.Message, e);
        }
    }

    // No writer of ours writes null, which nullable annotations do not forbid in a list.
    private static void RequireValues(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Null || (reader.TokenType == JsonTokenType.Number && !double.IsFinite(reader.GetDouble())))
                throw new JsonException("It has a null or a number that is too large.");
        }
    }

    private static void Require(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.AssociatedParameter is { IsNullable: false })
                property.IsRequired = true;
            if (property.PropertyType.IsEnum)
                property.CustomConverter = s_names;
        }
    }
}
