using System.Text.Json.Serialization;

namespace CaServer.Domain;

/// <summary>The set of rules a server runs under.</summary>
public enum PolicyPreset
{
    /// <summary>A private CA: internal names as configured, one perspective is enough.</summary>
    [JsonStringEnumMemberName("private")] Private,

    /// <summary>Everything that the Baseline Requirements demand.</summary>
    [JsonStringEnumMemberName("webpki")] WebPki,
}
