using System.Text.Json.Serialization;

namespace CaServer.Domain;

/// <summary>
/// A perspective's claim: this name answered for this account. It is evidence once signed (<see cref="SignedControlStatement"/>);
/// it holds what BR §5.4.1(2) wants on record for a verification.
/// </summary>
public sealed record ControlStatement
{
    /// <summary>Name of the perspective, the key under which the signing core knows its public key.</summary>
    public required string Perspective { get; init; }

    /// <summary>Type of the identifier that was checked.</summary>
    public required IdentifierType IdentifierType { get; init; }

    /// <summary>The identifier that was checked; never a wildcard.</summary>
    public required string Identifier { get; init; }

    /// <summary>The method.</summary>
    public required ValidationMethod Method { get; init; }

    /// <summary>BR section of the method, such as <c>3.2.2.4.19</c>.</summary>
    public required string Section { get; init; }

    /// <summary>RFC 7638 thumbprint of the account key that the name answered for.</summary>
    public required string Thumbprint { get; init; }

    /// <summary>The challenge token or, of the other methods, the random value of the request; unique to one authorization.</summary>
    public required string Token { get; init; }

    /// <summary>When the check succeeded, in whole seconds since the epoch, UTC.</summary>
    public required long CheckedAt { get; init; }

    /// <summary>URL of the account that the name answered for, if the method is bound to it, or that CAA was judged for.</summary>
    public string? AccountUrl { get; init; }

    /// <summary>
    /// Whether the proof reaches every name below: those were asked about, and the method proves them or, where an owner can say so
    /// (<see cref="ProofReach.NamesBelowIfStated"/>), the name's owner extends it to them.
    /// </summary>
    public bool? NamesBelow { get; init; }

    /// <summary>Until when the name's owner lets the proof be relied on, in whole seconds since the epoch, UTC; if one was set.</summary>
    public long? RelyUntil { get; init; }

    /// <summary>When the value was made that the name answered with, in whole seconds since the epoch, UTC; of the methods that are no ACME challenges.</summary>
    public long? ValueCreatedAt { get; init; }

    /// <summary>The e-mail address that the value was sent to, if the method sends it.</summary>
    public string? Recipient { get; init; }

    /// <summary>The domain whose contact that is (BR §5.4.1(2), authorization domain name), if it is one above the identifier.</summary>
    public string? Domain { get; init; }

    /// <summary>The address and port that gave the answer, if the method connects.</summary>
    public string? Address { get; init; }

    /// <summary>DNSSEC result.</summary>
    public required DnssecState Dnssec { get; init; }

    /// <summary>CAA result.</summary>
    public required CaaState Caa { get; init; }

    /// <summary>When CAA was looked up, in whole seconds since the epoch, UTC.</summary>
    public long? CaaCheckedAt { get; init; }

    /// <summary>Whether CAA was judged for the wildcard of the name (<c>issuewild</c>) and not for the name itself.</summary>
    public bool? CaaWildcard { get; init; }

    /// <summary>The name whose CAA record set decided; none if there was no set.</summary>
    public string? CaaSet { get; init; }

    /// <summary>DNSSEC result of the CAA look-up.</summary>
    public DnssecState? CaaDnssec { get; init; }

    /// <summary>What CAA said about the name itself or about its wildcard; null if the statement does not say.</summary>
    public CaaResult? CaaResultFor(bool wildcard)
    {
        if (Caa == CaaState.Unchecked || CaaCheckedAt is not { } checkedAt)
            return null;
        // What there is none of restricts neither.
        return Caa is CaaState.Absent or CaaState.Unanswered || (CaaWildcard == true) == wildcard
            ? new CaaResult(Caa, wildcard, CaaSet, checkedAt, CaaDnssec ?? DnssecState.Unchecked)
            : null;
    }

    /// <summary>Puts the result of a CAA look-up in.</summary>
    public ControlStatement With(CaaResult caa) => this with
    {
        Caa = caa.State,
        CaaCheckedAt = caa.CheckedAt,
        CaaWildcard = caa.Wildcard,
        CaaSet = caa.Set,
        CaaDnssec = caa.Dnssec,
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ControlStatement))]
[JsonSerializable(typeof(CaaStatement))]
[JsonSerializable(typeof(StatementHeader))]
[JsonSerializable(typeof(EvidenceBundle))]
internal sealed partial class EvidenceJson : JsonSerializerContext;

internal sealed record StatementHeader
{
    public required string Alg { get; init; }

    public required string Kid { get; init; }

    public required string Typ { get; init; }
}
