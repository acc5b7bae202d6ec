using System.Text.Json.Serialization;

namespace CaServer.Validation;

/// <summary>Why a check failed, as told apart by the explanation; the wire name is stored and counted.</summary>
public enum FailureCause
{
    /// <summary>The request itself cannot be checked.</summary>
    [JsonStringEnumMemberName("bad-request")] BadRequest,

    /// <summary>The name does not exist in the DNS.</summary>
    [JsonStringEnumMemberName("name-unknown")] NameUnknown,

    /// <summary>The name exists but has neither A nor AAAA records.</summary>
    [JsonStringEnumMemberName("no-address")] NoAddress,

    /// <summary>The name servers answered with an error such as SERVFAIL or REFUSED.</summary>
    [JsonStringEnumMemberName("dns-error")] DnsError,

    /// <summary>The DNSSEC signatures of an answer do not validate.</summary>
    [JsonStringEnumMemberName("dnssec-bogus")] DnssecBogus,

    /// <summary>No name server answered, or none could be asked.</summary>
    [JsonStringEnumMemberName("dns-timeout")] DnsTimeout,

    /// <summary>A name server's answer could not be read.</summary>
    [JsonStringEnumMemberName("dns-garbled")] DnsGarbled,

    /// <summary>The perspective has no name server to ask.</summary>
    [JsonStringEnumMemberName("no-resolver")] NoResolver,

    /// <summary>Policy forbids connecting to any of the addresses.</summary>
    [JsonStringEnumMemberName("address-refused")] AddressRefused,

    /// <summary>Checks have contacted the address or domain too often in the last minute.</summary>
    [JsonStringEnumMemberName("target-limit")] TargetLimit,

    /// <summary>The connection was refused.</summary>
    [JsonStringEnumMemberName("connection-refused")] ConnectionRefused,

    /// <summary>Nothing answered the attempt to connect in time.</summary>
    [JsonStringEnumMemberName("connect-timeout")] ConnectTimeout,

    /// <summary>There is no route to the address.</summary>
    [JsonStringEnumMemberName("unreachable")] Unreachable,

    /// <summary>The connection was reset or closed before an answer was complete.</summary>
    [JsonStringEnumMemberName("connection-lost")] ConnectionLost,

    /// <summary>The connection stood, but the answer did not come, or not all of it, in time.</summary>
    [JsonStringEnumMemberName("answer-timeout")] AnswerTimeout,

    /// <summary>What came back is not HTTP, or HTTP that breaks its own rules.</summary>
    [JsonStringEnumMemberName("not-http")] NotHttp,

    /// <summary>The TLS handshake failed.</summary>
    [JsonStringEnumMemberName("tls")] Tls,

    /// <summary>A redirect without a usable target.</summary>
    [JsonStringEnumMemberName("redirect-target")] RedirectTarget,

    /// <summary>A redirect to a scheme other than http and https.</summary>
    [JsonStringEnumMemberName("redirect-scheme")] RedirectScheme,

    /// <summary>A redirect to a port that is not allowed.</summary>
    [JsonStringEnumMemberName("redirect-port")] RedirectPort,

    /// <summary>A redirect to a URL with a user name or password.</summary>
    [JsonStringEnumMemberName("redirect-credentials")] RedirectCredentials,

    /// <summary>A redirect to a URL that was visited before.</summary>
    [JsonStringEnumMemberName("redirect-loop")] RedirectLoop,

    /// <summary>More redirects than are followed.</summary>
    [JsonStringEnumMemberName("redirect-count")] RedirectCount,

    /// <summary>A 3xx status that may not be followed.</summary>
    [JsonStringEnumMemberName("redirect-status")] RedirectStatus,

    /// <summary>The server answered 404 or 410.</summary>
    [JsonStringEnumMemberName("not-found")] NotFound,

    /// <summary>The server answered 401 or 403.</summary>
    [JsonStringEnumMemberName("access-denied")] AccessDenied,

    /// <summary>The server answered 5xx.</summary>
    [JsonStringEnumMemberName("server-error")] ServerError,

    /// <summary>Any other status that is not a success.</summary>
    [JsonStringEnumMemberName("other-status")] OtherStatus,

    /// <summary>The answer is longer than any key authorization.</summary>
    [JsonStringEnumMemberName("too-long")] TooLong,

    /// <summary>The answer is empty.</summary>
    [JsonStringEnumMemberName("empty")] Empty,

    /// <summary>The answer is a web page.</summary>
    [JsonStringEnumMemberName("web-page")] WebPage,

    /// <summary>The answer begins with a byte order mark or is in UTF-16.</summary>
    [JsonStringEnumMemberName("byte-order-mark")] ByteOrderMark,

    /// <summary>The answer is the token alone.</summary>
    [JsonStringEnumMemberName("token-only")] TokenOnly,

    /// <summary>The answer is for another account's key.</summary>
    [JsonStringEnumMemberName("other-account")] OtherAccount,

    /// <summary>The answer is for another challenge of the same account.</summary>
    [JsonStringEnumMemberName("other-token")] OtherToken,

    /// <summary>The answer is something else.</summary>
    [JsonStringEnumMemberName("wrong-content")] WrongContent,

    /// <summary>There is no TXT record at the challenge's name.</summary>
    [JsonStringEnumMemberName("no-txt-record")] NoTextRecord,

    /// <summary>More TXT records than are read, and those that were read are others.</summary>
    [JsonStringEnumMemberName("too-many-txt-records")] TooManyTexts,

    /// <summary>A TXT record holds the key authorization instead of its digest.</summary>
    [JsonStringEnumMemberName("txt-not-hashed")] TextNotHashed,

    /// <summary>A TXT record holds the right value within quotation marks or blanks, or in another letter case.</summary>
    [JsonStringEnumMemberName("txt-altered")] TextAltered,

    /// <summary>The TXT records hold something else.</summary>
    [JsonStringEnumMemberName("wrong-txt-record")] WrongText,

    /// <summary>There are TXT records at the place of persistent ones, but none that names this CA.</summary>
    [JsonStringEnumMemberName("persist-other-issuer")] PersistOtherIssuer,

    /// <summary>A persistent record for this CA breaks the syntax.</summary>
    [JsonStringEnumMemberName("persist-malformed")] PersistMalformed,

    /// <summary>A persistent record for this CA names another account.</summary>
    [JsonStringEnumMemberName("persist-other-account")] PersistOtherAccount,

    /// <summary>A persistent record for this CA and account has run out.</summary>
    [JsonStringEnumMemberName("persist-expired")] PersistExpired,

    /// <summary>A persistent record for this CA and account does not extend to wildcards and names below.</summary>
    [JsonStringEnumMemberName("persist-no-wildcard")] PersistNoWildcard,

    /// <summary>What answered does not speak TLS.</summary>
    [JsonStringEnumMemberName("not-tls")] NotTls,

    /// <summary>The server ended the TLS handshake with an alert.</summary>
    [JsonStringEnumMemberName("tls-alert")] TlsAlert,

    /// <summary>The server finished the handshake without choosing the protocol acme-tls/1.</summary>
    [JsonStringEnumMemberName("alpn-missing")] AlpnMissing,

    /// <summary>The server showed no certificate, or one that cannot be read.</summary>
    [JsonStringEnumMemberName("certificate-unreadable")] CertificateUnreadable,

    /// <summary>The challenge certificate is not signed by its own key.</summary>
    [JsonStringEnumMemberName("certificate-not-self-signed")] CertificateNotSelfSigned,

    /// <summary>The challenge certificate has no names or several.</summary>
    [JsonStringEnumMemberName("certificate-name-count")] CertificateNameCount,

    /// <summary>The challenge certificate has another name.</summary>
    [JsonStringEnumMemberName("certificate-other-name")] CertificateOtherName,

    /// <summary>The certificate has no acmeIdentifier extension.</summary>
    [JsonStringEnumMemberName("acme-identifier-missing")] AcmeIdentifierMissing,

    /// <summary>The certificate has the acmeIdentifier extension more than once.</summary>
    [JsonStringEnumMemberName("acme-identifier-repeated")] AcmeIdentifierRepeated,

    /// <summary>The acmeIdentifier extension is not critical.</summary>
    [JsonStringEnumMemberName("acme-identifier-not-critical")] AcmeIdentifierNotCritical,

    /// <summary>The acmeIdentifier extension holds something other than 32 octets.</summary>
    [JsonStringEnumMemberName("acme-identifier-malformed")] AcmeIdentifierMalformed,

    /// <summary>The acmeIdentifier extension holds the digest of another key authorization.</summary>
    [JsonStringEnumMemberName("acme-identifier-other-digest")] AcmeIdentifierOtherDigest,

    /// <summary>There was no answer about CAA records, and the zone is not known to be unsigned.</summary>
    [JsonStringEnumMemberName("caa-unanswered")] CaaUnanswered,

    /// <summary>CAA records permit other CAs only.</summary>
    [JsonStringEnumMemberName("caa-other-issuer")] CaaOtherIssuer,

    /// <summary>CAA records permit no CA at all.</summary>
    [JsonStringEnumMemberName("caa-no-issuer")] CaaNoIssuer,

    /// <summary>A CAA record is critical and of a kind that this CA does not know.</summary>
    [JsonStringEnumMemberName("caa-critical")] CaaCritical,

    /// <summary>The CAA record for this CA breaks the syntax.</summary>
    [JsonStringEnumMemberName("caa-malformed")] CaaMalformed,

    /// <summary>The CAA record for this CA permits another account.</summary>
    [JsonStringEnumMemberName("caa-other-account")] CaaOtherAccount,

    /// <summary>The CAA record for this CA permits other validation methods.</summary>
    [JsonStringEnumMemberName("caa-other-method")] CaaOtherMethod,

    /// <summary>There is no CNAME record at the name where a request wants one.</summary>
    [JsonStringEnumMemberName("no-cname-record")] NoAliasRecord,

    /// <summary>The CNAME record leads to something else.</summary>
    [JsonStringEnumMemberName("wrong-cname-record")] WrongAlias,

    /// <summary>The value of a request is older than 30 days.</summary>
    [JsonStringEnumMemberName("value-expired")] ValueExpired,

    /// <summary>The recipient of an e-mail has not confirmed yet.</summary>
    [JsonStringEnumMemberName("not-confirmed")] NotConfirmed,

    /// <summary>The value that came back is not the one that was sent for this request.</summary>
    [JsonStringEnumMemberName("other-value")] OtherValue,

    /// <summary>The domain has no e-mail contact in its CAA or TXT records.</summary>
    [JsonStringEnumMemberName("no-contact")] NoContact,

    /// <summary>The recipient is not, or no longer, a contact of the domain.</summary>
    [JsonStringEnumMemberName("other-contact")] OtherContact,

    /// <summary>The Baseline Requirements have ended the method.</summary>
    [JsonStringEnumMemberName("method-ended")] MethodEnded,

    /// <summary>A perspective in another process did not answer in time.</summary>
    [JsonStringEnumMemberName("perspective-silent")] PerspectiveSilent,

    /// <summary>A perspective in another process answered with what cannot be used.</summary>
    [JsonStringEnumMemberName("perspective-faulty")] PerspectiveFaulty,
}
