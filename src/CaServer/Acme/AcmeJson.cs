using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CaServer.Domain;

namespace CaServer.Acme;

internal sealed record IdentifierResource(string Type, string Value)
{
    internal static IdentifierResource Of(Identifier identifier) => new(WireName.Of(identifier.Type), identifier.ToString());
}

internal sealed record DirectoryResource
{
    public required string NewNonce { get; init; }

    public required string NewAccount { get; init; }

    public required string NewOrder { get; init; }

    public required string NewAuthz { get; init; }

    public required string RevokeCert { get; init; }

    public required string KeyChange { get; init; }

    public required string RenewalInfo { get; init; }

    public required DirectoryMeta Meta { get; init; }
}

internal sealed record DirectoryMeta
{
    public required string TermsOfService { get; init; }

    public required string Website { get; init; }

    public required IReadOnlyList<string> CaaIdentities { get; init; }

    public required bool ExternalAccountRequired { get; init; }

    public required IReadOnlyDictionary<string, string> Profiles { get; init; }

    public bool? SubdomainAuthAllowed { get; init; }

    public IReadOnlyList<string>? IssuerDomainNames { get; init; }

    public string? AccountHashPrefix { get; init; }
}

internal sealed record AccountResource(
    string Status, IReadOnlyList<string> Contact, bool TermsOfServiceAgreed, string Orders, JsonElement? ExternalAccountBinding);

internal sealed record RenewalInfoResource(SuggestedWindow SuggestedWindow, [property: JsonPropertyName("explanationURL")] string? ExplanationUrl);

internal sealed record SuggestedWindow(string Start, string End);

internal sealed record OrdersResource(IReadOnlyList<string> Orders);

internal sealed record OrderResource
{
    public required string Status { get; init; }

    public required string Expires { get; init; }

    public required IReadOnlyList<IdentifierResource> Identifiers { get; init; }

    public required string Profile { get; init; }

    public required IReadOnlyList<string> Authorizations { get; init; }

    public required string Finalize { get; init; }

    public string? Replaces { get; init; }

    public string? Certificate { get; init; }

    public ProblemResource? Error { get; init; }
}

internal sealed record AuthorizationResource
{
    public required IdentifierResource Identifier { get; init; }

    public required string Status { get; init; }

    public required string Expires { get; init; }

    public required IReadOnlyList<ChallengeResource> Challenges { get; init; }

    public bool? Wildcard { get; init; }

    /// <summary>RFC 9444 §4.1: there and true, or not there.</summary>
    public bool? SubdomainAuthAllowed { get; init; }
}

internal sealed record ProblemResource
{
    public required string Type { get; init; }

    [JsonConverter(typeof(SentenceConverter))]
    public required string Detail { get; init; }

    public required int Status { get; init; }

    public string? Instance { get; init; }

    public IReadOnlyList<SubproblemResource>? Subproblems { get; init; }

    public IReadOnlyList<string>? Algorithms { get; init; }

    internal static ProblemResource Of(AcmeProblem problem) => new()
    {
        Type = problem.Urn,
        Detail = problem.Detail,
        Status = problem.Status,
        Instance = problem.Instance,
        Subproblems = problem.Subproblems.Count == 0
            ? null
            : [.. problem.Subproblems.Select(s => new SubproblemResource(AcmeProblem.UrnPrefix + WireName.Of(s.Type), s.Detail, s.Identifier is null ? null : IdentifierResource.Of(s.Identifier), s.Instance))],
        Algorithms = problem.Algorithms.Count == 0 ? null : problem.Algorithms,
    };
}

internal sealed record SubproblemResource(string Type, [property: JsonConverter(typeof(SentenceConverter))] string Detail, IdentifierResource? Identifier, string? Instance);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DirectoryResource))]
[JsonSerializable(typeof(AccountResource))]
[JsonSerializable(typeof(OrdersResource))]
[JsonSerializable(typeof(RenewalInfoResource))]
[JsonSerializable(typeof(OrderResource))]
[JsonSerializable(typeof(AuthorizationResource))]
[JsonSerializable(typeof(ChallengeResource))]
[JsonSerializable(typeof(ProblemResource))]
internal sealed partial class AcmeJson : JsonSerializerContext
{
    /// <summary>RFC 3339 text of a time, in whole seconds UTC, as RFC 8555 §7.1.3 wants.</summary>
    internal static string Rfc3339(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>An answer with a JSON resource.</summary>
    internal static IResult Answer<T>(T resource, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        new JsonAnswer<T>(resource, type, status);
}
