using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>What a revocation stores.</summary>
public sealed record NewRevocation
{
    /// <summary>The certificate.</summary>
    public required IssuanceId Issuance { get; init; }

    /// <summary>The shard whose URL stands in the certificate's cRLDistributionPoints.</summary>
    public required int Shard { get; init; }

    /// <summary>Why.</summary>
    public required RevocationReason Reason { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset RevokedAt { get; init; }

    /// <summary>When the CA learned of the reason; null if the request itself brought it.</summary>
    public DateTimeOffset? ReportedAt { get; init; }

    /// <summary>The entry that CRLs copy, DER.</summary>
    public required byte[] CrlEntry { get; init; }

    /// <summary>The signed request that asked for it, byte for byte as received, or the operator's.</summary>
    public required byte[] Evidence { get; init; }
}

/// <summary>That, when and why a certificate was revoked.</summary>
/// <param name="Reason">Why.</param>
/// <param name="RevokedAt">When.</param>
/// <param name="ReportedAt">When the CA learned of the reason; null if the request itself brought it.</param>
public sealed record Revocation(RevocationReason Reason, DateTimeOffset RevokedAt, DateTimeOffset? ReportedAt = null);
