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

/// <summary>
/// How control of an identifier is proved. The wire name is the IANA ACME validation method label; the methods without one are not
/// ACME challenges (<see cref="MethodRule.IsChallenge"/>): a person proves a name ahead of any order.
/// </summary>
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

    /// <summary>A TXT record with a value given for the request (BR §3.2.2.4.7).</summary>
    [JsonStringEnumMemberName("dns-txt")] DnsText,

    /// <summary>A CNAME record that leads to such a value (BR §3.2.2.4.7).</summary>
    [JsonStringEnumMemberName("dns-cname")] DnsAlias,

    /// <summary>A file with such a value on the name's web server (BR §3.2.2.4.18, §3.2.2.5.1).</summary>
    [JsonStringEnumMemberName("http-file")] AgreedFile,

    /// <summary>E-mail to one of five addresses that are made from the domain (BR §3.2.2.4.4).</summary>
    [JsonStringEnumMemberName("email-constructed")] ConstructedEmail,

    /// <summary>E-mail to the contact in the domain's CAA records (BR §3.2.2.4.13).</summary>
    [JsonStringEnumMemberName("email-caa")] CaaEmail,

    /// <summary>E-mail to the contact in a TXT record of the domain (BR §3.2.2.4.14).</summary>
    [JsonStringEnumMemberName("email-txt")] TextEmail,
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
