namespace CaServer.Pki.X509;

/// <summary>What a CRL says.</summary>
public sealed record RevocationListContents
{
    /// <summary>The CRL number, positive, higher than any before from this issuer for this scope.</summary>
    public required long Number { get; init; }

    /// <summary>When it was made, whole seconds.</summary>
    public required DateTimeOffset ThisUpdate { get; init; }

    /// <summary>When the next one is there at the latest, whole seconds.</summary>
    public required DateTimeOffset NextUpdate { get; init; }

    /// <summary>
    /// The URL in the cRLDistributionPoints of the certificates that this CRL covers, where it does not cover all of the
    /// issuer's (BR §7.2.2.1).
    /// </summary>
    public string? DistributionPoint { get; init; }

    /// <summary>The number of the CRL that this one is a delta to (RFC 5280 §5.2.4); null for a complete one.</summary>
    public long? DeltaBase { get; init; }

    /// <summary>Where a complete CRL says that its deltas are (RFC 5280 §5.2.6); null if there are none.</summary>
    public string? FreshestCrl { get; init; }

    /// <summary>
    /// The entries, made by <see cref="RevocationList.EncodeEntry"/>; each element may hold several, one after the other,
    /// as they come from storage. They are copied once.
    /// </summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> Entries { get; init; } = [];
}
