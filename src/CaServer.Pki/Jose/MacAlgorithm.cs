using System.Text.Json.Serialization;

namespace CaServer.Pki.Jose;

/// <summary>The MACs that an external account binding may be signed with (RFC 7518 §3.2).</summary>
public enum MacAlgorithm
{
    /// <summary>HMAC with SHA-256.</summary>
    [JsonStringEnumMemberName("HS256")] HS256,

    /// <summary>HMAC with SHA-384.</summary>
    [JsonStringEnumMemberName("HS384")] HS384,

    /// <summary>HMAC with SHA-512.</summary>
    [JsonStringEnumMemberName("HS512")] HS512,
}
