using System.Text.Json.Serialization;

namespace CaServer.Domain;

/// <summary>Whether the DNS answers behind a statement were authenticated.</summary>
public enum DnssecState
{
    /// <summary>No DNS look-up was needed or none was checked.</summary>
    [JsonStringEnumMemberName("unchecked")] Unchecked,

    /// <summary>A zone is provably unsigned.</summary>
    [JsonStringEnumMemberName("insecure")] Insecure,

    /// <summary>Every answer validated.</summary>
    [JsonStringEnumMemberName("secure")] Secure,
}

/// <summary>What CAA said (RFC 8659).</summary>
public enum CaaState
{
    /// <summary>CAA was not looked up; only a private CA may be told not to.</summary>
    [JsonStringEnumMemberName("unchecked")] Unchecked,

    /// <summary>No CAA record was found up to the root.</summary>
    [JsonStringEnumMemberName("absent")] Absent,

    /// <summary>A record set permits this CA, or restricts nobody.</summary>
    [JsonStringEnumMemberName("permitted")] Permitted,

    /// <summary>A record set does not permit this CA. A perspective that finds this makes no statement; the signing core refuses one all the same.</summary>
    [JsonStringEnumMemberName("forbidden")] Forbidden,

    /// <summary>There was no answer. It passes for permission where the zone is unsigned (BR §3.2.2.8.1), or where a private CA was told so.</summary>
    [JsonStringEnumMemberName("unanswered")] Unanswered,
}

/// <summary>How much a CA is bound by CAA.</summary>
public enum CaaPolicy
{
    /// <summary>Nothing is issued without an answer, but for the failures that BR §3.2.2.8.1 lets pass.</summary>
    [JsonStringEnumMemberName("require")] Require,

    /// <summary>What is found is obeyed; a look-up that fails stops nothing. For networks whose name servers may not know the type.</summary>
    [JsonStringEnumMemberName("respect")] Respect,

    /// <summary>CAA is not looked up.</summary>
    [JsonStringEnumMemberName("ignore")] Ignore,
}

/// <summary>The result of a CAA look-up.</summary>
/// <param name="State">What CAA said.</param>
/// <param name="Wildcard">Whether it was judged for the wildcard of the name.</param>
/// <param name="Set">The name whose record set decided; null if there was none.</param>
/// <param name="CheckedAt">When it was looked up, in whole seconds since the epoch, UTC.</param>
/// <param name="Dnssec">Whether the answers were authenticated.</param>
public sealed record CaaResult(CaaState State, bool Wildcard, string? Set, long CheckedAt, DnssecState Dnssec);
