namespace CaServer.Domain;

/// <summary>
/// A perspective's claim about CAA alone (BR §3.2.2.8), made when a proof of control is used again whose own look-up has become old,
/// or used for a name below the one that was proved (RFC 9444). It stands beside the control statement of the same perspective.
/// </summary>
public sealed record CaaStatement
{
    /// <summary>Name of the perspective.</summary>
    public required string Perspective { get; init; }

    /// <summary>The domain name that was looked up; never a wildcard.</summary>
    public required string Identifier { get; init; }

    /// <summary>Whether it was judged for the wildcard of the name.</summary>
    public required bool Wildcard { get; init; }

    /// <summary>The method that the record set was asked about (RFC 8657 §4).</summary>
    public required ValidationMethod Method { get; init; }

    /// <summary>URL of the account that the record set was asked about (RFC 8657 §3).</summary>
    public required string AccountUrl { get; init; }

    /// <summary>What CAA said.</summary>
    public required CaaState Caa { get; init; }

    /// <summary>The name whose record set decided; none if there was no set.</summary>
    public string? CaaSet { get; init; }

    /// <summary>When CAA was looked up, in whole seconds since the epoch, UTC.</summary>
    public required long CaaCheckedAt { get; init; }

    /// <summary>DNSSEC result of the look-up.</summary>
    public required DnssecState CaaDnssec { get; init; }

    /// <summary>The result of the look-up.</summary>
    public CaaResult Result() => new(Caa, Wildcard, CaaSet, CaaCheckedAt, CaaDnssec);

    /// <summary>Whether it says what CAA says where a control statement is used for this name.</summary>
    public bool Renews(ControlStatement statement, Identifier name) =>
        statement.Perspective == Perspective && statement.Method == Method && name.Value == Identifier && name.IsWildcard == Wildcard;
}
