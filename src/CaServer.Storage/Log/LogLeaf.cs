namespace CaServer.Storage;

/// <summary>An entry for the append-only log.</summary>
/// <param name="Kind">What kind of event, such as <c>issuance</c> or <c>refusal</c>.</param>
/// <param name="At">When it happened.</param>
/// <param name="Body">The entry itself.</param>
public sealed record LogLeaf(string Kind, DateTimeOffset At, byte[] Body);

/// <summary>An entry of the log.</summary>
public sealed record StoredLogLeaf
{
    /// <summary>Its place: 0 for the first entry, without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>What kind of event.</summary>
    public required string Kind { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The entry itself.</summary>
    public required byte[] Body { get; init; }
}
