using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>What newOrder stores.</summary>
public sealed record NewOrder
{
    /// <summary>Who orders.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>The names in the order received, each once.</summary>
    public required IReadOnlyList<NewAuthorization> Names { get; init; }

    /// <summary>Name of the certificate profile.</summary>
    public required string Profile { get; init; }

    /// <summary>When the order stops being worked on.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>When the new authorizations stop being pending.</summary>
    public required DateTimeOffset AuthorizationExpires { get; init; }

    /// <summary>
    /// Take a valid authorization of the account that is good until at least then in place of a new one (RFC 8555 §7.4); null
    /// to make new ones for all names.
    /// </summary>
    public required DateTimeOffset? ReuseValidUntil { get; init; }

    /// <summary>When such an authorization must have been proved at the earliest; null if that does not matter.</summary>
    public DateTimeOffset? ReuseProvedSince { get; init; }

    /// <summary>The methods by which an authorization must have been proved to be taken.</summary>
    public IReadOnlyList<ValidationMethod> ReusableMethods { get; init; } = Enum.GetValues<ValidationMethod>();

    /// <summary>Whether an authorization that is for all names below a domain may be taken for a name below it (RFC 9444).</summary>
    public bool ReuseFromDomains { get; init; }

    /// <summary>The certificate that the order replaces (RFC 9773 §5); null if it replaces none.</summary>
    public Replacement? Replaces { get; init; }

    /// <summary>The limits that it counts against.</summary>
    public OrderLimits Limits { get; init; } = OrderLimits.None;

    /// <summary>Now.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A certificate that an order replaces.</summary>
/// <param name="Certificate">Its row.</param>
/// <param name="Identifier">Its identifier as the client named it.</param>
public sealed record Replacement(IssuanceId Certificate, string Identifier);

/// <summary>A name ordered, and the challenges to offer for it.</summary>
public sealed record NewAuthorization(Identifier Identifier, IReadOnlyList<NewChallenge> Challenges)
{
    /// <summary>
    /// The domain that is to be proved, with all names below, in place of the name alone (RFC 9444 §4.3): one at or above it. The
    /// challenges are for it. Null: the name itself.
    /// </summary>
    public Identifier? Domain { get; init; }
}

/// <summary>A challenge to offer.</summary>
/// <param name="Method">The method.</param>
/// <param name="Token">A new token, base64url.</param>
public sealed record NewChallenge(ValidationMethod Method, string Token);
