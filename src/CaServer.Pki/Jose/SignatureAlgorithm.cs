using System.Text.Json.Serialization;

namespace CaServer.Pki.Jose;

/// <summary>
/// The JWS algorithms that requests may be signed with (RFC 7518 §3.1, RFC 8037 §3.1). Each goes with exactly one kind of key,
/// so an algorithm cannot be confused with another. There is no <c>none</c> and no MAC (RFC 8555 §6.2).
/// </summary>
public enum SignatureAlgorithm
{
    /// <summary>ECDSA on P-256 with SHA-256; RFC 8555 §6.2 makes it mandatory.</summary>
    [JsonStringEnumMemberName("ES256")] ES256,

    /// <summary>ECDSA on P-384 with SHA-384.</summary>
    [JsonStringEnumMemberName("ES384")] ES384,

    /// <summary>ECDSA on P-521 with SHA-512.</summary>
    [JsonStringEnumMemberName("ES512")] ES512,

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256.</summary>
    [JsonStringEnumMemberName("RS256")] RS256,

    /// <summary>Ed25519.</summary>
    [JsonStringEnumMemberName("EdDSA")] EdDsa,
}
