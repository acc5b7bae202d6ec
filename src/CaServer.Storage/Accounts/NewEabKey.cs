using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>A key for external account binding to be stored.</summary>
public sealed record NewEabKey
{
    /// <summary>The key identifier, new.</summary>
    public required string Kid { get; init; }

    /// <summary>The MAC key, encrypted.</summary>
    public required byte[] SealedMacKey { get; init; }

    /// <summary>Now.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it stops binding accounts; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>How many accounts it may bind.</summary>
    public long MaxAccounts { get; init; } = 1;

    /// <summary>The domains and addresses that its accounts may order; empty: no limit of its own.</summary>
    public IReadOnlyList<Identifier> Domains { get; init; } = [];

    /// <summary>The profiles that its accounts may order; empty: all.</summary>
    public IReadOnlyList<string> Profiles { get; init; } = [];

    /// <summary>The operator's note; null: none.</summary>
    public string? Note { get; init; }
}
