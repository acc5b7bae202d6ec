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
    public required ReadOnlyMemory<byte> Der { get; init; }

    /// <summary>How many of the shard's revocations it was made with; 0 for a root's, which are not counted.</summary>
    public long Listed { get; init; }
}

/// <summary>The delta of the same number as a complete list.</summary>
/// <param name="Base">The number of the complete list that it is a delta to.</param>
/// <param name="Der">The delta, DER.</param>
public sealed record StoredDelta(long Base, ReadOnlyMemory<byte> Der);

/// <summary>A complete list that a delta may be made to.</summary>
public sealed record CrlBase
{
    /// <summary>Its number.</summary>
    public required long Number { get; init; }

    /// <summary>How many of the shard's revocations it was made with.</summary>
    public required long Listed { get; init; }
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

    /// <summary>Whether there is a delta of that number.</summary>
    public required bool HasDelta { get; init; }
}

/// <summary>The revocations of a shard that a list is about.</summary>
/// <param name="Issuer">Name of the issuer.</param>
/// <param name="Shard">The shard.</param>
/// <param name="EndingFrom">Only certificates that end then or later.</param>
/// <param name="After">Only those after so many, in the order of their commits.</param>
/// <param name="UpTo">Only so many.</param>
public sealed record CrlRange(string Issuer, int Shard, DateTimeOffset EndingFrom, long After, long UpTo);
