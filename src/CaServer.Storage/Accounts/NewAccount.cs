using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>What newAccount stores.</summary>
public sealed record NewAccount
{
    /// <summary>RFC 7638 SHA-256 thumbprint of the key, base64url.</summary>
    public required string Thumbprint { get; init; }

    /// <summary>The key as a JWK with the required members only.</summary>
    public required string Jwk { get; init; }

    /// <summary>Contact URLs, checked.</summary>
    public required IReadOnlyList<string> Contacts { get; init; }

    /// <summary>When the terms were agreed to, if they were.</summary>
    public required DateTimeOffset? TermsAgreedAt { get; init; }

    /// <summary>The limits that it counts against.</summary>
    public IReadOnlyList<LimitUse> Limits { get; init; } = [];

    /// <summary>Now.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The newAccount request, byte for byte as received: the beginning of the key history.</summary>
    public required byte[] RequestJws { get; init; }
}
