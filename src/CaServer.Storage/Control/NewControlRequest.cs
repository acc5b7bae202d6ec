using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>A request to prove a name, as it is stored.</summary>
public sealed record NewControlRequest
{
    /// <summary>The account.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>What it is about. Its account URL is not stored.</summary>
    public required ControlTerms Terms { get; init; }

    /// <summary>SHA-256 value of what is sent; null if nothing is.</summary>
    public byte[]? SentHash { get; init; }

    /// <summary>When the value stops being good.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>Most requests of the account that may be open at once.</summary>
    public required int MaxOpen { get; init; }
}

/// <summary>What a check proved.</summary>
/// <param name="Statements">What the perspectives signed.</param>
/// <param name="Checks">What they did.</param>
/// <param name="At">When.</param>
/// <param name="AuthorizationExpires">Until when the authorization is good.</param>
public sealed record ControlProved(
    IReadOnlyList<SignedControlStatement> Statements, IReadOnlyList<PerspectiveCheck> Checks, DateTimeOffset At, DateTimeOffset AuthorizationExpires);
