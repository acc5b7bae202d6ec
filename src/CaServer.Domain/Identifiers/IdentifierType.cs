using System.Text.Json.Serialization;

namespace CaServer.Domain;

/// <summary>ACME identifier types (RFC 8555 §9.7.7, RFC 8738 §3).</summary>
public enum IdentifierType
{
    /// <summary>A fully qualified domain name.</summary>
    [JsonStringEnumMemberName("dns")] Dns,

    /// <summary>An IPv4 or IPv6 address.</summary>
    [JsonStringEnumMemberName("ip")] Ip,
}
