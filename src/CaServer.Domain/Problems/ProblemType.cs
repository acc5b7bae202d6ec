using System.Text.Json.Serialization;

namespace CaServer.Domain;

/// <summary>The ACME error types, in the order of RFC 8555 §6.7; the wire name is what follows <c>urn:ietf:params:acme:error:</c>.</summary>
public enum ProblemType
{
    /// <summary>The account named does not exist.</summary>
    [JsonStringEnumMemberName("accountDoesNotExist")] AccountDoesNotExist,

    /// <summary>The certificate was revoked before.</summary>
    [JsonStringEnumMemberName("alreadyRevoked")] AlreadyRevoked,

    /// <summary>The CSR cannot be used.</summary>
    [JsonStringEnumMemberName("badCSR")] BadCsr,

    /// <summary>The anti-replay nonce cannot be used.</summary>
    [JsonStringEnumMemberName("badNonce")] BadNonce,

    /// <summary>The key cannot be used.</summary>
    [JsonStringEnumMemberName("badPublicKey")] BadPublicKey,

    /// <summary>The revocation reason is not allowed.</summary>
    [JsonStringEnumMemberName("badRevocationReason")] BadRevocationReason,

    /// <summary>The JWS algorithm is not supported.</summary>
    [JsonStringEnumMemberName("badSignatureAlgorithm")] BadSignatureAlgorithm,

    /// <summary>CAA records forbid issuance.</summary>
    [JsonStringEnumMemberName("caa")] Caa,

    /// <summary>Several errors; see the subproblems.</summary>
    [JsonStringEnumMemberName("compound")] Compound,

    /// <summary>The validation target could not be reached.</summary>
    [JsonStringEnumMemberName("connection")] Connection,

    /// <summary>A DNS look-up failed.</summary>
    [JsonStringEnumMemberName("dns")] Dns,

    /// <summary>An external account binding is required.</summary>
    [JsonStringEnumMemberName("externalAccountRequired")] ExternalAccountRequired,

    /// <summary>The answer to the challenge was wrong.</summary>
    [JsonStringEnumMemberName("incorrectResponse")] IncorrectResponse,

    /// <summary>A contact URL is invalid.</summary>
    [JsonStringEnumMemberName("invalidContact")] InvalidContact,

    /// <summary>The request is malformed.</summary>
    [JsonStringEnumMemberName("malformed")] Malformed,

    /// <summary>The order is not ready to be finalized.</summary>
    [JsonStringEnumMemberName("orderNotReady")] OrderNotReady,

    /// <summary>A limit was reached.</summary>
    [JsonStringEnumMemberName("rateLimited")] RateLimited,

    /// <summary>The server will not certify the identifier.</summary>
    [JsonStringEnumMemberName("rejectedIdentifier")] RejectedIdentifier,

    /// <summary>The server failed.</summary>
    [JsonStringEnumMemberName("serverInternal")] ServerInternal,

    /// <summary>TLS failed during validation.</summary>
    [JsonStringEnumMemberName("tls")] Tls,

    /// <summary>The client may not do this.</summary>
    [JsonStringEnumMemberName("unauthorized")] Unauthorized,

    /// <summary>The contact URL's scheme is not supported.</summary>
    [JsonStringEnumMemberName("unsupportedContact")] UnsupportedContact,

    /// <summary>The identifier's type is not supported.</summary>
    [JsonStringEnumMemberName("unsupportedIdentifier")] UnsupportedIdentifier,

    /// <summary>A person must act; see the instance URL.</summary>
    [JsonStringEnumMemberName("userActionRequired")] UserActionRequired,

    /// <summary>RFC 9773 §7.4: the certificate was replaced before.</summary>
    [JsonStringEnumMemberName("alreadyReplaced")] AlreadyReplaced,

    /// <summary>draft-ietf-acme-profiles: the profile is unknown or not open to the account.</summary>
    [JsonStringEnumMemberName("invalidProfile")] InvalidProfile,
}
