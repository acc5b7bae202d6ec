using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>A window that the operator wants in the place of the usual one (RFC 9773 §4.2).</summary>
public sealed record NewRenewalMove
{
    /// <summary>Begin of the window.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>End of the window, later than its begin.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>A page that tells subscribers why.</summary>
    public string? Explanation { get; init; }

    /// <summary>A remark for the operator.</summary>
    public string? Note { get; init; }

    /// <summary>Now.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A moved window, and how many certificates have it.</summary>
public sealed record RenewalMove
{
    /// <summary>Its number.</summary>
    public required RenewalMoveId Id { get; init; }

    /// <summary>Begin of the window.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>End of the window.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>A page that tells subscribers why.</summary>
    public string? Explanation { get; init; }

    /// <summary>A remark for the operator.</summary>
    public string? Note { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>How many certificates have it that did not end yet.</summary>
    public required long Certificates { get; init; }

    /// <summary>How many of them have been replaced since, by a client that named what it replaces (RFC 9773 §5).</summary>
    public required long Replaced { get; init; }
}

/// <summary>The window that one certificate has.</summary>
/// <param name="Start">Begin.</param>
/// <param name="End">End, later than the begin.</param>
/// <param name="Explanation">A page that tells why.</param>
public sealed record MovedWindow(DateTimeOffset Start, DateTimeOffset End, string? Explanation);
