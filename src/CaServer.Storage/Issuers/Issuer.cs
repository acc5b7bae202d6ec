using System.Text.Json.Serialization;

namespace CaServer.Storage;

/// <summary>What an issuer is for.</summary>
public enum IssuerRole
{
    /// <summary>Signs CA certificates and its own CRL, in ceremonies only.</summary>
    [JsonStringEnumMemberName("root")] Root,

    /// <summary>Signs end-entity certificates and CRLs.</summary>
    [JsonStringEnumMemberName("issuing")] Issuing,
}

/// <summary>A certification authority of ours.</summary>
public sealed record Issuer
{
    /// <summary>Its name in URLs and records, unique.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public required IssuerRole Role { get; init; }

    /// <summary>Its certificate, DER.</summary>
    public required byte[] Certificate { get; init; }

    /// <summary>When it was stored.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
