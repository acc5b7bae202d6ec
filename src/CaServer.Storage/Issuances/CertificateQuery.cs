using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Which certificates to list.</summary>
public sealed record CertificateQuery
{
    /// <summary>Only those of this account.</summary>
    public AccountId? Account { get; init; }

    /// <summary>Only those with this name, canonical text, with <c>*.</c> where it is a wildcard.</summary>
    public string? Name { get; init; }

    /// <summary>With <see cref="Name"/>: also those with a name below it.</summary>
    public bool Below { get; init; }

    /// <summary>Only those of this issuer.</summary>
    public string? Issuer { get; init; }

    /// <summary>Only those of this profile.</summary>
    public string? Profile { get; init; }

    /// <summary>Only those that were issued then or later.</summary>
    public DateTimeOffset? IssuedFrom { get; init; }

    /// <summary>Only those that were issued before then.</summary>
    public DateTimeOffset? IssuedBefore { get; init; }

    /// <summary>Only those that an account ordered, not the server's own.</summary>
    public bool Ordered { get; init; }

    /// <summary>Only those that end before then.</summary>
    public DateTimeOffset? EndingBefore { get; init; }

    /// <summary>Only those that end then or later.</summary>
    public DateTimeOffset? EndingFrom { get; init; }

    /// <summary>Only revoked ones, or only such as are not.</summary>
    public bool? Revoked { get; init; }

    /// <summary>Only those issued before this one; null for the newest.</summary>
    public IssuanceId? Before { get; init; }

    /// <summary>At most so many.</summary>
    public required int Count { get; init; }
}

/// <summary>A certificate that was issued, and its revocation if it was revoked.</summary>
public sealed record ListedCertificate(Issuance Issuance, Revocation? Revocation);
