using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CaServer.Conformance.Suite;

namespace CaServer.Conformance.Acme;

/// <summary>A JSON object of the protocol; reading a member that is absent or of another type is a nonconformity.</summary>
/// <param name="Name">What it is, for messages.</param>
/// <param name="Json">The object.</param>
internal readonly partial record struct AcmeObject(string Name, JsonElement Json)
{
    private static readonly string[] s_times =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    public bool Has(string member) => Json.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null;

    public string Text(string member) => Of(member, JsonValueKind.String).GetString()!;

    public string? OptionalText(string member) => Has(member) ? Text(member) : null;

    public AcmeObject Object(string member) => new($"\"{member}\" of {Name}", Of(member, JsonValueKind.Object));

    public IReadOnlyList<JsonElement> List(string member) => [.. Of(member, JsonValueKind.Array).EnumerateArray()];

    public IReadOnlyList<AcmeObject> Objects(string member)
    {
        var name = Name;
        return [.. List(member).Select(item => item.ValueKind == JsonValueKind.Object
            ? new AcmeObject($"an entry of \"{member}\" of {name}", item)
            : throw new Nonconformity($"expected only objects in \"{member}\" of {name}; it has {item.GetRawText()}"))];
    }

    public IReadOnlyList<string> Texts(string member)
    {
        var name = Name;
        return [.. List(member).Select(item => item.ValueKind == JsonValueKind.String
            ? item.GetString()!
            : throw new Nonconformity($"expected only strings in \"{member}\" of {name}; it has {item.GetRawText()}"))];
    }

    public bool Flag(string member)
    {
        Json.TryGetProperty(member, out var value);
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new Nonconformity($"expected \"{member}\" of {Name} to be true or false"),
        };
    }

    /// <summary>An absolute URL.</summary>
    public string Url(string member)
    {
        var text = Text(member);
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http"
            ? text
            : throw new Nonconformity($"expected \"{member}\" of {Name} to be an absolute URL; it is \"{text}\"");
    }

    /// <summary>An RFC 3339 time.</summary>
    public DateTimeOffset Time(string member)
    {
        var text = Text(member);
        // RFC 3339 allows any number of fraction digits; more than seven are cut.
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var fraction = point < 0 ? 0 : text[(point + 1)..].TakeWhile(char.IsAsciiDigit).Count();
        var shortened = fraction > 7 ? text.Remove(point + 8, fraction - 7) : text;
        return DateTimeOffset.TryParseExact(shortened.ToUpperInvariant(), s_times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && text.Length >= 20
            ? time
            : throw new Nonconformity($"expected \"{member}\" of {Name} to be an RFC 3339 time; it is \"{text}\"");
    }

    /// <summary>The object in one line, cut where it is long.</summary>
    public override string ToString() => Clip(WhiteSpace().Replace(Json.GetRawText(), " "));

    private JsonElement Of(string member, JsonValueKind kind)
    {
        if (!Json.TryGetProperty(member, out var value))
            throw new Nonconformity($"expected {Name} to have \"{member}\"; it is {this}");
        return value.ValueKind == kind
            ? value
            : throw new Nonconformity($"expected \"{member}\" of {Name} to be of JSON type {kind}; it is {Clip(value.GetRawText())}");
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();

    private static string Clip(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
