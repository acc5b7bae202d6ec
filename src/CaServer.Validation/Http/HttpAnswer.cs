namespace CaServer.Validation.Http;

/// <summary>What came back for one GET request.</summary>
internal sealed record HttpAnswer
{
    /// <summary>The status, if there was a readable one.</summary>
    public int? Status { get; init; }

    /// <summary>The one <c>Location</c> header, if there was exactly one.</summary>
    public string? Location { get; init; }

    /// <summary>The body up to the bound; where there was no HTTP, the first bytes that came.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>Whether the body went on beyond the bound.</summary>
    public bool IsCut { get; init; }

    /// <summary>Why there is no complete answer; null if there is one.</summary>
    public FailureCause? Cause { get; init; }
}
