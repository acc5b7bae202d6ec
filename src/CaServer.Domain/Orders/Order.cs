using System.Text.Json.Serialization;

namespace CaServer.Domain;

/// <summary>State of an order (RFC 8555 §7.1.6).</summary>
public enum OrderStatus
{
    /// <summary>Authorizations are missing.</summary>
    [JsonStringEnumMemberName("pending")] Pending,

    /// <summary>All authorizations are valid; the client may finalize.</summary>
    [JsonStringEnumMemberName("ready")] Ready,

    /// <summary>Finalized; the signer has it.</summary>
    [JsonStringEnumMemberName("processing")] Processing,

    /// <summary>The certificate can be downloaded.</summary>
    [JsonStringEnumMemberName("valid")] Valid,

    /// <summary>Will never be issued.</summary>
    [JsonStringEnumMemberName("invalid")] Invalid,
}

/// <summary>An ACME order (RFC 8555 §7.1.3).</summary>
public sealed record Order
{
    /// <summary>Row id.</summary>
    public required OrderId Id { get; init; }

    /// <summary>The account that placed it.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>State as stored; see <see cref="StatusAt"/>.</summary>
    public required OrderStatus Status { get; init; }

    /// <summary>The names ordered, in the order received, without duplicates.</summary>
    public required IReadOnlyList<Identifier> Identifiers { get; init; }

    /// <summary>The authorizations, one for each identifier, in the same order. Never changes (RFC 8555 §7.1.3).</summary>
    public required IReadOnlyList<AuthorizationId> Authorizations { get; init; }

    /// <summary>Name of the certificate profile.</summary>
    public required string Profile { get; init; }

    /// <summary>When the order stops being worked on, unless it is valid.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>When it was placed.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The certificate that this order replaces, as the client named it (RFC 9773 §5).</summary>
    public string? Replaces { get; init; }

    /// <summary>Why it is invalid, if it is.</summary>
    public AcmeProblem? Error { get; init; }

    /// <summary>The certificate, once the order is valid.</summary>
    public IssuanceId? Certificate { get; init; }

    /// <summary>The state that a client sees: an order that ran out before it was finalized is invalid (RFC 8555 §7.1.6).</summary>
    public OrderStatus StatusAt(DateTimeOffset now) => Status switch
    {
        OrderStatus.Pending or OrderStatus.Ready when now >= Expires => OrderStatus.Invalid,
        OrderStatus.Pending or OrderStatus.Ready or OrderStatus.Processing or OrderStatus.Valid or OrderStatus.Invalid => Status,
    };

    /// <summary>The state that follows from the states of an order's authorizations while it is pending (RFC 8555 §7.1.6).</summary>
    public static OrderStatus StatusFrom(IEnumerable<AuthorizationStatus> authorizations)
    {
        var result = OrderStatus.Ready;
        foreach (var status in authorizations)
        {
            switch (status)
            {
                case AuthorizationStatus.Valid:
                    break;
                case AuthorizationStatus.Pending:
                    result = OrderStatus.Pending;
                    break;
                case AuthorizationStatus.Invalid:
                case AuthorizationStatus.Deactivated:
                case AuthorizationStatus.Expired:
                case AuthorizationStatus.Revoked:
                    return OrderStatus.Invalid;
            }
        }
        return result;
    }
}
