using System.Text.Json;

namespace CaServer.TestKit.Acme;

/// <summary>An answer of an ACME server, read whole.</summary>
public sealed class AcmeAnswer
{
    private AcmeAnswer(HttpResponseMessage response, string text)
    {
        Status = (int)response.StatusCode;
        Headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(h => h.Key, h => h.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
        Text = text;
    }

    /// <summary>HTTP status code.</summary>
    public int Status { get; }

    /// <summary>All headers, by name in any case.</summary>
    public IReadOnlyDictionary<string, string[]> Headers { get; }

    /// <summary>The body.</summary>
    public string Text { get; }

    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The Location header.</summary>
    public string? Location => Header("Location");

    /// <summary>The media type with parameters, if any.</summary>
    public string? ContentType => Header("Content-Type");

    /// <summary>The nonce that came along.</summary>
    public string? Nonce => Header("Replay-Nonce");

    /// <summary>What follows <c>urn:ietf:params:acme:error:</c> in a problem document's type; null if this is none.</summary>
    public string? ProblemType =>
        ContentType == "application/problem+json" && Json.GetProperty("type").GetString() is { } type && type.StartsWith("urn:ietf:params:acme:error:", StringComparison.Ordinal)
            ? type["urn:ietf:params:acme:error:".Length..]
            : null;

    /// <summary>A string member of the body.</summary>
    public string? this[string member] => Json.TryGetProperty(member, out var value) ? value.GetString() : null;

    /// <summary>The first value of a header; null if it is absent.</summary>
    public string? Header(string name) => Headers.TryGetValue(name, out var values) ? values[0] : null;

    /// <summary>The target of the Link header with this relation; null if there is none.</summary>
    public string? Link(string relation) =>
        Headers.TryGetValue("Link", out var values) && values.FirstOrDefault(v => v.Contains($"rel=\"{relation}\"", StringComparison.Ordinal)) is { } link
            ? link[1..link.IndexOf('>', StringComparison.Ordinal)]
            : null;

    /// <summary>Whether a Link header has this relation.</summary>
    public bool HasLink(string relation) => Link(relation) is not null;

    /// <inheritdoc/>
    public override string ToString() => $"{Status} {Text}";

    /// <summary>Reads an answer.</summary>
    public static async Task<AcmeAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellation) =>
        new(response, await response.Content.ReadAsStringAsync(cancellation));
}
