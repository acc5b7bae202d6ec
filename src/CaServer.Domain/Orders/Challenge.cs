using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace CaServer.Domain;

/// <summary>State of a challenge (RFC 8555 §7.1.6).</summary>
public enum ChallengeStatus
{
    /// <summary>The client has not answered it.</summary>
    [JsonStringEnumMemberName("pending")] Pending,

    /// <summary>Answered; the perspectives are checking.</summary>
    [JsonStringEnumMemberName("processing")] Processing,

    /// <summary>The check succeeded.</summary>
    [JsonStringEnumMemberName("valid")] Valid,

    /// <summary>The check failed for good.</summary>
    [JsonStringEnumMemberName("invalid")] Invalid,
}

/// <summary>How control of an identifier is proved; the wire name is the IANA ACME validation method label.</summary>
public enum ValidationMethod
{
    /// <summary>RFC 8555 §8.3.</summary>
    [JsonStringEnumMemberName("http-01")] Http01,

    /// <summary>RFC 8555 §8.4.</summary>
    [JsonStringEnumMemberName("dns-01")] Dns01,

    /// <summary>RFC 8737; for addresses RFC 8738 §6.</summary>
    [JsonStringEnumMemberName("tls-alpn-01")] TlsAlpn01,

    /// <summary>draft-ietf-acme-dns-account-label.</summary>
    [JsonStringEnumMemberName("dns-account-01")] DnsAccount01,

    /// <summary>draft-ietf-acme-dns-persist.</summary>
    [JsonStringEnumMemberName("dns-persist-01")] DnsPersist01,
}

/// <summary>An ACME challenge (RFC 8555 §8).</summary>
public sealed record Challenge
{
    /// <summary>Row id.</summary>
    public required ChallengeId Id { get; init; }

    /// <summary>The authorization it belongs to.</summary>
    public required AuthorizationId AuthorizationId { get; init; }

    /// <summary>The method.</summary>
    public required ValidationMethod Method { get; init; }

    /// <summary>State.</summary>
    public required ChallengeStatus Status { get; init; }

    /// <summary>The random token, base64url.</summary>
    public required string Token { get; init; }

    /// <summary>When it was found valid.</summary>
    public DateTimeOffset? ValidatedAt { get; init; }

    /// <summary>Why it failed.</summary>
    public AcmeProblem? Error { get; init; }

    /// <summary>A new token of 256 random bits; RFC 8555 §8.1 asks for at least 128.</summary>
    public static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>The key authorization (RFC 8555 §8.1).</summary>
    public static string KeyAuthorization(string token, string accountThumbprint) => token + "." + accountThumbprint;
}
