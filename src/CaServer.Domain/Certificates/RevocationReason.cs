using System.Text.Json.Serialization;

namespace CaServer.Domain;

/// <summary>
/// Why a certificate was revoked; the number is the CRLReason of RFC 5280 §5.3.1. certificateHold (6) is missing because
/// BR §7.2.2 forbids it, removeFromCRL (8) because only delta CRLs know it.
/// </summary>
public enum RevocationReason
{
    /// <summary>No reason given; encoded by leaving the reason out.</summary>
    [JsonStringEnumMemberName("unspecified")] Unspecified = 0,

    /// <summary>The private key is or may be known to others.</summary>
    [JsonStringEnumMemberName("keyCompromise")] KeyCompromise = 1,

    /// <summary>The key of a CA is or may be known to others; for CA certificates only.</summary>
    [JsonStringEnumMemberName("cACompromise")] CaCompromise = 2,

    /// <summary>The subject's name or affiliation changed.</summary>
    [JsonStringEnumMemberName("affiliationChanged")] AffiliationChanged = 3,

    /// <summary>Another certificate replaces it, or it should not have been issued as it was.</summary>
    [JsonStringEnumMemberName("superseded")] Superseded = 4,

    /// <summary>The name is no longer used.</summary>
    [JsonStringEnumMemberName("cessationOfOperation")] CessationOfOperation = 5,

    /// <summary>The right to it was withdrawn by the CA.</summary>
    [JsonStringEnumMemberName("privilegeWithdrawn")] PrivilegeWithdrawn = 9,
}
