using System.Text.Json;
using System.Text.Unicode;
using CaServer.Domain;

namespace CaServer.Pki.Jose;

/// <summary>
/// Reading JSON from strangers: valid UTF-8 only, no duplicate members, no comments, no trailing data, little depth. Two readers
/// that disagree about a document are how signatures get bypassed, so whatever is ambiguous is refused.
/// </summary>
public static class StrictJson
{
    /// <summary>Deepest nesting that any request needs, with room to spare.</summary>
    public const int MaxDepth = 8;

    private static readonly JsonDocumentOptions s_options = new()
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = false,
        CommentHandling = JsonCommentHandling.Disallow,
        MaxDepth = MaxDepth,
    };

    /// <summary>Parses an object.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="what">What it is, as the subject of the refusal.</param>
    /// <exception cref="AcmeException">malformed: it is not a strict JSON object.</exception>
    public static JsonDocument ParseObject(ReadOnlyMemory<byte> utf8, string what)
    {
        if (!Utf8.IsValid(utf8.Span))
            throw Malformed($"{what} is not valid UTF-8.");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8, s_options);
        }
        catch (JsonException e)
        {
            throw Malformed($"{what} is not a well-formed JSON object without duplicate members (near byte {e.BytePositionInLine ?? 0} of line {(e.LineNumber ?? 0) + 1}).");
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate written as an escape, in the name of a member.
            throw Malformed($"{what} has a member whose name is not valid Unicode.");
        }
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw Malformed($"{what} must be a JSON object.");
    }

    /// <summary>The string member of this name, or null if there is none.</summary>
    /// <exception cref="AcmeException">malformed: it is something else than a string.</exception>
    public static string? OptionalString(JsonElement element, string name, string what) =>
        element.TryGetProperty(name, out var value) ? Text(value, $"The member \"{name}\" of {what}") : null;

    /// <summary>The string that a value is.</summary>
    /// <param name="value">The value.</param>
    /// <param name="what">What it is, as the subject of the refusal.</param>
    /// <exception cref="AcmeException">malformed: it is something else than a string.</exception>
    public static string Text(JsonElement value, string what)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw Malformed($"{what} must be a string.");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // As above.
            throw Malformed($"{what} is not valid Unicode.");
        }
    }

    /// <summary>The string member of this name.</summary>
    /// <exception cref="AcmeException">malformed: it is missing or something else than a string.</exception>
    public static string RequiredString(JsonElement element, string name, string what) =>
        OptionalString(element, name, what) ?? throw Malformed($"{char.ToUpperInvariant(what[0])}{what[1..]} lacks the member \"{name}\".");

    private static AcmeException Malformed(string detail) => new(ProblemType.Malformed, detail);
}
