using System.Net;
using CaServer.Domain;

namespace CaServer.Validation.Tls;

/// <summary>
/// Judges a handshake for tls-alpn-01 (RFC 8737 §3). As from Boulder, a handshake that fails is <c>tls</c> or, where nothing came,
/// <c>connection</c>; one that ends well and shows the wrong certificate is <c>unauthorized</c>.
/// </summary>
internal sealed class TlsAlpn01Answer(ValidationRequest request, IPEndPoint remote, Handshake handshake)
{
    // Names shown in a problem document.
    private const int MaxShown = 3;

    private const string SetUp = "Set the server up to answer tls-alpn-01 for this name, or let the ACME client answer on this port itself";

    private readonly string _name = TlsAlpn01.ServerName(request.Identifier);

    internal Finding Judge()
    {
        if (handshake.Cause is { } cause)
            return Finding.Failed(Broken(cause));
        if (handshake.Protocol != TlsAlpn01.Protocol)
            return Finding.Failed(OfProtocol());
        var certificate = handshake.Certificate is { } der ? ChallengeCertificate.Read(der) : null;
        return (certificate is null ? Unreadable() : OfCertificate(certificate)) is { } failure
            ? Finding.Failed(failure)
            : Finding.Proved(new Proof { Address = remote.ToString() });
    }

    private Failure Broken(FailureCause cause)
    {
        var (type, seen, remedy) = cause switch
        {
            FailureCause.NotTls => (
                ProblemType.Tls,
                $"{remote} does not speak TLS: what came begins \"{Printable.Of(handshake.Head)}\".",
                $"{SetUp}; a web server that speaks plain HTTP cannot."),
            FailureCause.TlsAlert => (
                ProblemType.Tls,
                $"{remote} ended the TLS handshake for {_name} with the alert {AlertName(handshake.Alert!.Value)}.",
                handshake.Alert == NoApplicationProtocol
                    ? $"{SetUp}; it does not know the protocol {TlsAlpn01.Protocol}."
                    : $"{SetUp}; its log should say what it did not like about a handshake with the protocol {TlsAlpn01.Protocol}."),
            FailureCause.AnswerTimeout => (
                ProblemType.Connection,
                $"{remote} accepted the connection but did not finish the TLS handshake for {_name} in time.",
                "See whether the server is overloaded, and whether something before it holds connections back."),
            FailureCause.Tls => (
                ProblemType.Tls,
                $"The TLS handshake with {remote} for {_name} failed after the server's first message.",
                $"{SetUp}; it must choose the protocol {TlsAlpn01.Protocol} and no other, and speak TLS 1.2 or later with a key of at least 2048 bits (RSA) or 256 bits (EC)."),
            _ => (
                ProblemType.Connection,
                $"{remote} ended the connection in the TLS handshake for {_name}.",
                "See the server's log, and whether a firewall resets connections from the CA."),
        };
        return new Failure(cause, type, seen, remedy);
    }

    // A server that chooses what was not offered does not come so far: the handshake fails.
    private Failure OfProtocol() => Unauthorized(
        FailureCause.AlpnMissing,
        $"{remote} finished the TLS handshake for {_name} without choosing the protocol {TlsAlpn01.Protocol}.",
        $"{SetUp}; the server that answers there now does not know the protocol.");

    private Failure Unreadable() => Unauthorized(
        FailureCause.CertificateUnreadable,
        $"{remote} showed {(handshake.Certificate is null ? "no certificate" : "a certificate that cannot be read")} for {_name}.",
        "Show the self-signed certificate that the ACME client made for this challenge.");

    private Failure? OfCertificate(ChallengeCertificate certificate)
    {
        // First what tells a certificate made for a challenge from any other, since that is the likeliest mistake.
        if (certificate.AcmeIdentifiers.Count == 0)
        {
            return OfCertificate(
                FailureCause.AcmeIdentifierMissing,
                $"has no acmeIdentifier extension ({TlsAlpn01.IdentifierOid})",
                "It is not one made for a challenge: show the one that the ACME client made, to whoever asks with the protocol acme-tls/1.");
        }
        if (certificate.AcmeIdentifiers.Count > 1)
            return OfCertificate(FailureCause.AcmeIdentifierRepeated, $"has {certificate.AcmeIdentifiers.Count} acmeIdentifier extensions", "It must have exactly one.");
        if (OfNames(certificate) is { } failure)
            return failure;
        if (!certificate.IsSelfSigned)
            return OfCertificate(FailureCause.CertificateNotSelfSigned, "is not signed by its own key", "It must be self-signed, with ECDSA or RSA and SHA-256 or longer.");
        return OfExtension(certificate.AcmeIdentifiers[0].IsCritical, certificate.AcmeIdentifiers[0].Value);
    }

    private Failure? OfNames(ChallengeCertificate certificate)
    {
        if (certificate.Names.Count != 1)
        {
            var names = certificate.Names.Count == 0
                ? "no alternative name"
                : $"{certificate.Names.Count} alternative names ({string.Join(", ", certificate.Names.Take(MaxShown))}{(certificate.Names.Count > MaxShown ? ", ..." : "")})";
            return OfCertificate(FailureCause.CertificateNameCount, $"has {names}", $"It must have exactly one, {request.Identifier.Value}, and one certificate is made for each name.");
        }
        return certificate.OnlyName == (request.Identifier.Type, request.Identifier.Value)
            ? null
            : OfCertificate(FailureCause.CertificateOtherName, $"is for {certificate.Names[0]}", $"Show the one for {request.Identifier.Value} when {_name} is asked for (SNI).");
    }

    private Failure? OfExtension(bool isCritical, byte[] value)
    {
        if (!isCritical)
            return OfCertificate(FailureCause.AcmeIdentifierNotCritical, "has an acmeIdentifier extension that is not critical", "Make the extension critical.");
        if (ChallengeCertificate.DigestOf(value) is not { } digest)
        {
            return OfCertificate(
                FailureCause.AcmeIdentifierMalformed,
                "has an acmeIdentifier extension that is not an OCTET STRING of 32 octets",
                "It must hold the SHA-256 digest of the key authorization as an OCTET STRING.");
        }
        var wanted = TlsAlpn01.Digest(request.KeyAuthorization);
        return digest.AsSpan().SequenceEqual(wanted)
            ? null
            : OfCertificate(
                FailureCause.AcmeIdentifierOtherDigest,
                $"has the digest {Convert.ToHexStringLower(digest)} in its acmeIdentifier extension, not {Convert.ToHexStringLower(wanted)}",
                "It was made for another challenge or account: make a new one from this challenge's token and the key of the account that ordered.");
    }

    private Failure OfCertificate(FailureCause cause, string clause, string remedy) =>
        Unauthorized(cause, $"The certificate that {remote} showed for {_name} {clause}.", remedy);

    private static Failure Unauthorized(FailureCause cause, string seen, string remedy) => new(cause, ProblemType.Unauthorized, seen, remedy);

    private const byte NoApplicationProtocol = 120;

    // RFC 8446 §6; those that servers answer a ClientHello with.
    private static string AlertName(byte description) => description switch
    {
        40 => "handshake_failure",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        50 => "decode_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        112 => "unrecognized_name",
        116 => "certificate_required",
        NoApplicationProtocol => "no_application_protocol",
        _ => $"{description}",
    };
}
