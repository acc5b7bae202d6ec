using System.Text.Json.Serialization;

namespace CaServer.Domain;

/// <summary>State of an authorization (RFC 8555 §7.1.6).</summary>
public enum AuthorizationStatus
{
    /// <summary>No challenge has been answered well yet.</summary>
    [JsonStringEnumMemberName("pending")] Pending,

    /// <summary>Control was proved.</summary>
    [JsonStringEnumMemberName("valid")] Valid,

    /// <summary>A challenge failed.</summary>
    [JsonStringEnumMemberName("invalid")] Invalid,

    /// <summary>Given up by the client.</summary>
    [JsonStringEnumMemberName("deactivated")] Deactivated,

    /// <summary>Its time ran out.</summary>
    [JsonStringEnumMemberName("expired")] Expired,

    /// <summary>Taken away by the operator.</summary>
    [JsonStringEnumMemberName("revoked")] Revoked,
}

/// <summary>An ACME authorization (RFC 8555 §7.1.4): an account's right to certify one identifier.</summary>
public sealed record Authorization
{
    /// <summary>Row id.</summary>
    public required AuthorizationId Id { get; init; }

    /// <summary>The account that holds it.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>The identifier as ordered; a wildcard's authorization shows the name without <c>*.</c>.</summary>
    public required Identifier Identifier { get; init; }

    /// <summary>Whether it is for all names below the identifier too (RFC 9444 §4.1).</summary>
    public bool NamesBelow { get; init; }

    /// <summary>State as stored; see <see cref="StatusAt"/>.</summary>
    public required AuthorizationStatus Status { get; init; }

    /// <summary>When it stops being good.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>Its challenges.</summary>
    public required IReadOnlyList<Challenge> Challenges { get; init; }

    /// <summary>The state that a client sees.</summary>
    public AuthorizationStatus StatusAt(DateTimeOffset now) => Status switch
    {
        AuthorizationStatus.Valid when now >= Expires => AuthorizationStatus.Expired,
        AuthorizationStatus.Pending when now >= Expires => AuthorizationStatus.Invalid,
        AuthorizationStatus.Pending or AuthorizationStatus.Valid or AuthorizationStatus.Invalid
            or AuthorizationStatus.Deactivated or AuthorizationStatus.Expired or AuthorizationStatus.Revoked => Status,
    };
}
