using System.Text.Json.Serialization;
using CaServer.Domain;

namespace CaServer.Acme;

/// <summary>A challenge as a client sees it (RFC 8555 §8).</summary>
internal sealed record ChallengeResource
{
    public required string Type { get; init; }

    public required string Url { get; init; }

    public required string Status { get; init; }

    /// <summary>Not of dns-persist-01, whose record has no token.</summary>
    public string? Token { get; init; }

    public IReadOnlyList<string>? IssuerDomainNames { get; init; }

    /// <summary>The same under the name that revisions 00 and 01 of the draft had.</summary>
    [JsonPropertyName("issuer-domain-names")]
    public IReadOnlyList<string>? IssuerDomainNamesOfOld { get; init; }

    public TextRecordResource? Record { get; init; }

    public string? Validated { get; init; }

    public ProblemResource? Error { get; init; }

    internal static ChallengeResource Of(Challenge challenge, Authorization authorization, Account account, FrontEndSettings settings)
    {
        var resource = new ChallengeResource
        {
            Type = WireName.Of(challenge.Method),
            Url = settings.Urls.Challenge(challenge.Id),
            Status = WireName.Of(challenge.Status),
            Validated = challenge.ValidatedAt is { } at ? AcmeJson.Rfc3339(at) : null,
            Error = challenge.Error is { } error ? ProblemResource.Of(error) : null,
        };
        if (challenge.Method != ValidationMethod.DnsPersist01)
            return resource with { Token = challenge.Token };
        var names = settings.Offered.IssuerNames;
        return resource with
        {
            IssuerDomainNames = names,
            IssuerDomainNamesOfOld = settings.Offered.PlainAccountUri ? names : null,
            // What people publish who have no client that knows the method. Switched off since, there are no names any more.
            Record = names.Count > 0 ? TextRecordResource.Persistent(authorization, names[0], account, settings.Urls) : null,
        };
    }
}

/// <summary>A TXT record to publish, an addition of ours to the challenge of dns-persist-01.</summary>
internal sealed record TextRecordResource(string Name, string Value)
{
    internal static TextRecordResource Persistent(Authorization authorization, string issuer, Account account, AcmeUrls urls)
    {
        var identifier = authorization.Identifier;
        var (uri, _) = DnsPersist01.AccountUris(urls.AccountHashPrefix, identifier, account.Thumbprint, urls.Account(account.Id));
        return new(DnsPersist01.RecordName(identifier), DnsPersist01.RecordValue(issuer, uri, identifier.IsWildcard || authorization.NamesBelow));
    }
}
