using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CaServer.Conformance.Suite;

namespace CaServer.Conformance.Acme;

/// <summary>An HTTP answer, with what cases expect of it as methods that throw otherwise.</summary>
internal sealed partial class AcmeAnswer
{
    /// <summary>Prefix of the problem types of RFC 8555 §6.7.</summary>
    public const string UrnPrefix = "urn:ietf:params:acme:error:";

    private const int MaxQuote = 240;
    private readonly ILookup<string, string> _headers;
    private readonly Lazy<JsonElement?> _json;

    public AcmeAnswer(string method, string url, HttpResponseMessage response, byte[] body)
        : this(method, url, (int)response.StatusCode, Pairs(response.Headers).Concat(Pairs(response.Content.Headers)), body)
    {
    }

    public AcmeAnswer(string method, string url, int status, IEnumerable<(string Name, string Value)> headers, byte[] body)
    {
        Method = method;
        Url = url;
        Status = status;
        Body = body;
        _headers = headers.ToLookup(pair => pair.Name, pair => pair.Value, StringComparer.OrdinalIgnoreCase);
        _json = new Lazy<JsonElement?>(Parse);
    }

    public string Method { get; }

    public string Url { get; }

    public int Status { get; }

    public byte[] Body { get; }

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Whether it is the directory, however it was read.</summary>
    public bool IsDirectory => _json.Value is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("newNonce", out _);

    public string? ContentType => Header("Content-Type");

    public string? MediaType => MediaTypeHeaderValue.TryParse(ContentType, out var type) ? type.MediaType : null;

    public string? Nonce => Header("Replay-Nonce");

    public string? Location => Header("Location");

    /// <summary>The problem type: without prefix if it is one of ACME's; null if the body is no problem document.</summary>
    public string? ProblemType =>
        !IsSuccess && _json.Value is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            ? type.GetString() is { } text && text.StartsWith(UrnPrefix, StringComparison.Ordinal) ? text[UrnPrefix.Length..] : type.GetString()
            : null;

    /// <summary>The body as an object.</summary>
    public AcmeObject Object => _json.Value is { ValueKind: JsonValueKind.Object } json
        ? new AcmeObject($"the answer to {Method} {Path}", json)
        : throw new Nonconformity($"expected a JSON object; the server answered: {Summary}");

    /// <summary>One line that says what was asked and what was answered.</summary>
    public string Summary
    {
        get
        {
            var summary = new StringBuilder($"{Method} {Path} → {Status}");
            if (ProblemType is { } type)
                summary.Append(' ').Append(type);
            if (!IsSuccess && _json.Value is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.String)
                summary.Append(" \"").Append(Clip(detail.GetString()!)).Append('"');
            else if (!IsSuccess && ProblemType is null)
                summary.Append(Body.Length == 0 ? " without a body" : $" {MediaType}");
            return summary.ToString();
        }
    }

    private string Path => Uri.TryCreate(Url, UriKind.Absolute, out var url) ? Clip(url.PathAndQuery) : Url;

    public string? Header(string name) => _headers[name].FirstOrDefault();

    public IEnumerable<string> Headers(string name) => _headers[name];

    /// <summary>The targets of the links with a relation (RFC 8288).</summary>
    public IReadOnlyList<string> Links(string relation) =>
    [
        .. _headers["Link"].SelectMany(value => LinkBoundary().Split(value))
            .Select(link => link.Trim().TrimStart('<').Split('>', 2))
            .Where(parts => parts.Length == 2 && parts[1].Split(';').Any(p => IsRelation(p.Trim(), relation)))
            .Select(parts => parts[0]),
    ];

    /// <summary>Expects a status.</summary>
    public AcmeAnswer Is(int status) => Status == status ? this : throw Unexpected($"{status}");

    /// <summary>Expects a success, of whatever status.</summary>
    public AcmeAnswer Succeeded() => IsSuccess ? this : throw Unexpected("a success");

    /// <summary>Expects an error that the client made (4xx), with one of these types if some are given.</summary>
    public AcmeAnswer IsRefused(params string[] types) =>
        Status is >= 400 and < 500 && IsOneOf(types) ? this : throw Unexpected($"an error 4xx{OfTypes(types)}");

    /// <summary>Expects an error of a status, with one of these types if some are given.</summary>
    public AcmeAnswer IsRefusedWith(int status, params string[] types) =>
        Status == status && IsOneOf(types) ? this : throw Unexpected($"{status}{OfTypes(types)}");

    /// <summary>Expects that something holds; the words say what.</summary>
    public AcmeAnswer Expect(bool holds, string expected) => holds ? this : throw Unexpected(expected);

    /// <summary>A step that a case needs but does not judge.</summary>
    public AcmeAnswer Prepared(string what) =>
        IsSuccess ? this : throw new Undecidable($"{what} failed beforehand: {Summary}");

    private Exception Unexpected(string expected) =>
        ProblemType == "rateLimited" || Status == 429
            ? new Undecidable($"a rate limit was met: {Summary}")
            : new Nonconformity($"expected {expected}; the server answered: {Summary}");

    private bool IsOneOf(string[] types) => types.Length == 0 || (ProblemType is { } type && types.Contains(type));

    private static string OfTypes(string[] types) => types.Length == 0 ? "" : $" of type {string.Join(" or ", types)}";

    private static bool IsRelation(string parameter, string relation) =>
        parameter.StartsWith("rel=", StringComparison.OrdinalIgnoreCase)
        && parameter[4..].Trim('"').Split(' ').Contains(relation, StringComparer.OrdinalIgnoreCase);

    private JsonElement? Parse()
    {
        try
        {
            return JsonElement.Parse(Body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<(string, string)> Pairs(HttpHeaders headers) =>
        headers.NonValidated.SelectMany(header => header.Value.Select(value => (header.Key, value)));

    [GeneratedRegex(@",\s*(?=<)")]
    private static partial Regex LinkBoundary();

    // What a server writes goes to a terminal: no control characters, and not too much.
    private static string Clip(string text)
    {
        var printable = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return printable.Length <= MaxQuote ? printable : printable[..MaxQuote] + "…";
    }
}
