using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>What was done to check an authorization, for programs.</summary>
internal sealed record ChecksResource
{
    public required IdentifierResource Identifier { get; init; }

    public required string Status { get; init; }

    public required string Expires { get; init; }

    public required IReadOnlyList<CheckedChallengeResource> Challenges { get; init; }

    internal static ChecksResource Of(Authorization authorization, ILookup<ChallengeId, PerspectiveCheck> checks, DateTimeOffset now) => new()
    {
        Identifier = IdentifierResource.Of(authorization.Identifier),
        Status = WireName.Of(authorization.StatusAt(now)),
        Expires = AcmeJson.Rfc3339(authorization.Expires),
        Challenges =
        [
            .. authorization.Challenges
                .Where(c => c.Status != ChallengeStatus.Pending)
                .Select(c => new CheckedChallengeResource
                {
                    Type = WireName.Of(c.Method),
                    Status = WireName.Of(c.Status),
                    Error = c.Error is { } error ? ProblemResource.Of(error) : null,
                    Checks = [.. checks[c.Id].Select(PerspectiveCheckResource.Of)],
                }),
        ],
    };
}

internal sealed record CheckedChallengeResource
{
    public required string Type { get; init; }

    public required string Status { get; init; }

    public ProblemResource? Error { get; init; }

    public required IReadOnlyList<PerspectiveCheckResource> Checks { get; init; }
}

internal sealed record PerspectiveCheckResource
{
    /// <summary>Not of a later look-up of CAA alone.</summary>
    public int? Attempt { get; init; }

    public required string Perspective { get; init; }

    public required IdentifierResource Identifier { get; init; }

    public required bool Passed { get; init; }

    public string? Cause { get; init; }

    [JsonConverter(typeof(SentenceConverter))]
    public string? Diagnosis { get; init; }

    [JsonConverter(typeof(SentenceConverter))]
    public string? Remedy { get; init; }

    public required string At { get; init; }

    public required JsonElement Trace { get; init; }

    internal static PerspectiveCheckResource Of(PerspectiveCheck check) => new()
    {
        Attempt = check.Attempt == PerspectiveCheck.CaaRenewal ? null : check.Attempt,
        Perspective = check.Perspective,
        Identifier = IdentifierResource.Of(check.Identifier),
        Passed = check.Passed,
        Cause = check.Cause,
        Diagnosis = check.Diagnosis,
        Remedy = check.Remedy,
        At = AcmeJson.Rfc3339(check.At),
        Trace = JsonElement.Parse(check.Trace),
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ChecksResource))]
internal sealed partial class ChecksJson : JsonSerializerContext;
