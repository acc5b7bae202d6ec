using System.Text.Json.Serialization;

namespace CaServer.Domain;

/// <summary>State of an account (RFC 8555 §7.1.6).</summary>
public enum AccountStatus
{
    /// <summary>May be used.</summary>
    [JsonStringEnumMemberName("valid")] Valid,

    /// <summary>Given up by its owner (RFC 8555 §7.3.6).</summary>
    [JsonStringEnumMemberName("deactivated")] Deactivated,

    /// <summary>Taken away by the operator.</summary>
    [JsonStringEnumMemberName("revoked")] Revoked,
}

/// <summary>An ACME account (RFC 8555 §7.1.2).</summary>
public sealed record Account
{
    /// <summary>Row id.</summary>
    public required AccountId Id { get; init; }

    /// <summary>State.</summary>
    public required AccountStatus Status { get; init; }

    /// <summary>The current key as a JWK with the required members only, in RFC 7638 §3 order.</summary>
    public required string Jwk { get; init; }

    /// <summary>RFC 7638 SHA-256 thumbprint of <see cref="Jwk"/>, base64url.</summary>
    public required string Thumbprint { get; init; }

    /// <summary>Contact URLs, as given and checked.</summary>
    public required IReadOnlyList<string> Contacts { get; init; }

    /// <summary>When the terms of service were agreed to, if they were.</summary>
    public required DateTimeOffset? TermsAgreedAt { get; init; }

    /// <summary>When the account was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What binds it to an account elsewhere; null if nothing does.</summary>
    public ExternalBinding? Binding { get; init; }
}

/// <summary>A verified external account binding (RFC 8555 §7.3.4).</summary>
/// <param name="Key">The key that signed it.</param>
/// <param name="Jws">The inner JWS as it was verified, a JSON object.</param>
public sealed record ExternalBinding(EabKeyId Key, string Jws);
