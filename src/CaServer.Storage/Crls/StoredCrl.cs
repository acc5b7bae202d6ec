namespace CaServer.Storage;

/// <summary>The present revocation list of one shard of an issuer.</summary>
public sealed record StoredCrl
{
    /// <summary>Name of the issuer.</summary>
    public required string Issuer { get; init; }

    /// <summary>The shard.</summary>
    public required int Shard { get; init; }

    /// <summary>The CRL number (RFC 5280 §5.2.3).</summary>
    public required long Number { get; init; }

    /// <summary>thisUpdate.</summary>
    public required DateTimeOffset ThisUpdate { get; init; }

    /// <summary>nextUpdate.</summary>
    public required DateTimeOffset NextUpdate { get; init; }

    /// <summary>The list, DER.</summary>
    public required byte[] Der { get; init; }
}

/// <summary>How a shard of an issuer's CRL stands.</summary>
public sealed record CrlShardState
{
    /// <summary>The shard.</summary>
    public required int Shard { get; init; }

    /// <summary>How many revocations it has had.</summary>
    public required long Revocations { get; init; }

    /// <summary>How many of them its present list was made with; fewer make a new list due.</summary>
    public required long Listed { get; init; }

    /// <summary>The number of its present list; null if it has none yet.</summary>
    public required long? Number { get; init; }

    /// <summary>When its present list was made.</summary>
    public required DateTimeOffset? ThisUpdate { get; init; }
}

/// <summary>Which list is the present one of a shard.</summary>
public sealed record CrlNumber
{
    /// <summary>Name of the issuer.</summary>
    public required string Issuer { get; init; }

    /// <summary>The shard.</summary>
    public required long Shard { get; init; }

    /// <summary>The CRL number.</summary>
    public required long Number { get; init; }
}
