using System.Text.Json.Serialization;

namespace CaServer.Domain;

/// <summary>What a key for external account binding is good for at a moment.</summary>
public enum EabKeyState
{
    /// <summary>Binds new accounts.</summary>
    [JsonStringEnumMemberName("valid")] Valid,

    /// <summary>Has bound as many accounts as it may.</summary>
    [JsonStringEnumMemberName("full")] Full,

    /// <summary>Has run out; the accounts that it bound go on.</summary>
    [JsonStringEnumMemberName("expired")] Expired,

    /// <summary>Taken away by the operator; the accounts that it bound can order nothing more.</summary>
    [JsonStringEnumMemberName("revoked")] Revoked,
}

/// <summary>
/// A key that the operator gives to somebody who may have accounts (RFC 8555 §7.3.4), and what those accounts may do.
/// </summary>
public sealed record EabKey
{
    /// <summary>Row id.</summary>
    public required EabKeyId Id { get; init; }

    /// <summary>The key identifier that clients send.</summary>
    public required string Kid { get; init; }

    /// <summary>The MAC key, encrypted; storage never sees it in clear.</summary>
    public required byte[] SealedMacKey { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it stops binding accounts; null: never.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was revoked; null: it was not.</summary>
    public required DateTimeOffset? RevokedAt { get; init; }

    /// <summary>How many accounts it may bind.</summary>
    public required long MaxAccounts { get; init; }

    /// <summary>How many it has bound; one that is given up later still counts.</summary>
    public required long Accounts { get; init; }

    /// <summary>The domains and addresses that its accounts may order certificates for, with all below; empty: what the CA allows.</summary>
    public required IReadOnlyList<Identifier> Domains { get; init; }

    /// <summary>The profiles that its accounts may order; empty: all.</summary>
    public required IReadOnlyList<string> Profiles { get; init; }

    /// <summary>The operator's note; null: none.</summary>
    public required string? Note { get; init; }

    /// <summary>What it is good for now.</summary>
    public EabKeyState StateAt(DateTimeOffset now)
    {
        if (RevokedAt is not null)
            return EabKeyState.Revoked;
        if (ExpiresAt <= now)
            return EabKeyState.Expired;
        return Accounts < MaxAccounts ? EabKeyState.Valid : EabKeyState.Full;
    }

    /// <summary>Whether its accounts may order this name.</summary>
    public bool Allows(Identifier identifier) => Domains.Count == 0 || Domains.Any(d => NamePolicy.IsAtOrBelow(identifier, d));

    /// <summary>Whether its accounts may order this profile.</summary>
    public bool AllowsProfile(string profile) => Profiles.Count == 0 || Profiles.Contains(profile, StringComparer.Ordinal);
}
