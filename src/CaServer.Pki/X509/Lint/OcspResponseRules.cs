using System.Formats.Asn1;
using System.Security.Cryptography;

namespace CaServer.Pki.X509;

/// <summary>Lints of OCSP responses about subscriber certificates (RFC 6960 §4.2, RFC 9919 §3.2, BR §4.9.9, §4.9.10, §7.3).</summary>
internal static class OcspResponseRules
{
    private const string Nonce = "1.3.6.1.5.5.7.48.1.2";
    private const int MaxNonceLength = 128;

    // BR §4.9.10: 8 hours to 10 days; MS: at most 7 days.
    private static readonly TimeSpan s_minLife = TimeSpan.FromHours(8);
    private static readonly TimeSpan s_maxLife = TimeSpan.FromDays(7);

    private static readonly byte[] s_sha1 = Convert.FromHexString("300906052B0E03021A0500");
    private static readonly byte[] s_sha256 = Convert.FromHexString("300D06096086480165030402010500");

    internal static readonly LintRule<LintedOcspResponse>[] All =
    [
        new("ocsp_not_der", LintSeverity.Error, "X.690 §10, §11", c => DerWalk.Fault(c.Der.Span) ?? DerWalk.Fault(c.BasicDer.Span)),
        new(
            "ocsp_signature_algorithm", LintSeverity.Error, "BR §7.1.3.2; RFC 6960 §4.3",
            c => CommonRules.AlgorithmFault(c.Algorithm.Span, c.Responder.SubjectPublicKeyInfo)),
        new("ocsp_responder_id", LintSeverity.Error, "RFC 9919 §3.2.1; RFC 6960 §4.2.1", ResponderIdFault),
        new("ocsp_certificate", LintSeverity.Error, "RFC 9919 §3.2.1", CertificateFault),
        new("ocsp_produced_outside_responder", LintSeverity.Error, "RFC 6960 §4.2.2.2", ProducedOutside),
        new("ocsp_no_single", LintSeverity.Error, "RFC 6960 §4.2.1", c => c.Singles.Count == 0 ? "It says nothing about any certificate." : null),
        new("ocsp_issuer", LintSeverity.Error, "RFC 6960 §4.1.1", EachSingle(IssuerFault)),
        new("ocsp_status", LintSeverity.Error, "RFC 6960 §4.2.1; BR §7.3.1", EachSingle((_, s) => StatusFault(s))),
        new("ocsp_life", LintSeverity.Error, "BR §4.9.10; RFC 9919 §3.2.4", EachSingle(LifeFault)),
        new("ocsp_past_responder", LintSeverity.Error, "MRSP §5.2", EachSingle((c, s) => s.NextUpdate > c.Responder.NotAfter ? "nextUpdate is after the responder's notAfter." : null)),
        new("ocsp_single_extensions", LintSeverity.Error, "BR §7.3.2", EachSingle((_, s) => s.HasExtensions ? "There are singleExtensions." : null)),
        new("ocsp_extensions", LintSeverity.Error, "RFC 6960 §4.4; RFC 9654 §2.1", ExtensionFault),
    ];

    private static Func<LintedOcspResponse, string?> EachSingle(Func<LintedOcspResponse, LintedSingle, string?> find) => c =>
    {
        foreach (var single in c.Singles)
        {
            if (find(c, single) is { } fault)
                return fault;
        }
        return null;
    };

#pragma warning disable CA5350 // OCSP names keys and names by SHA-1; no security rests on it.
    private static string? ResponderIdFault(LintedOcspResponse c)
    {
        var reader = new AsnReader(c.ResponderId, AsnEncodingRules.DER);
        if (!reader.PeekTag().HasSameClassAndValue(Asn1Tags.Context(2)))
            return "The responder is not named by its key.";
        var hash = reader.ReadSequence(Asn1Tags.Context(2)).ReadOctetString();
        return hash.AsSpan().SequenceEqual(SHA1.HashData(KeyBits(c.Responder.SubjectPublicKeyInfo))) ? null : "The responder's key hash is not that of its certificate.";
    }

    private static string? IssuerFault(LintedOcspResponse c, LintedSingle s)
    {
        var name = c.Issuer.SubjectDer.Span;
        var key = KeyBits(c.Issuer.PublicKey.Der);
        var isRight = HasOid(s.HashAlgorithm, s_sha1)
            ? s.NameHash.Span.SequenceEqual(SHA1.HashData(name)) && s.KeyHash.Span.SequenceEqual(SHA1.HashData(key))
            : HasOid(s.HashAlgorithm, s_sha256) && s.NameHash.Span.SequenceEqual(SHA256.HashData(name)) && s.KeyHash.Span.SequenceEqual(SHA256.HashData(key));
        return isRight ? null : "The CertID does not name the issuer by SHA-1 or SHA-256.";
    }
#pragma warning restore CA5350

    // A request without NULL as parameters is answered as it was asked.
    private static bool HasOid(ReadOnlyMemory<byte> algorithm, byte[] withNull) =>
        algorithm.Span[2..].SequenceEqual(withNull.AsSpan(2)) || algorithm.Span[2..].SequenceEqual(withNull.AsSpan(2..^2));

    private static string? CertificateFault(LintedOcspResponse c) =>
        c.Certificates is [var only] && only.Span.SequenceEqual(c.Responder.Der.Span) ? null : "The responder's certificate does not come with it, or another does.";

    private static string? ProducedOutside(LintedOcspResponse c) =>
        c.ProducedAt < c.Responder.NotBefore || c.ProducedAt > c.Responder.NotAfter ? "It is produced outside the responder's validity." : null;

    private static string? StatusFault(LintedSingle s)
    {
        var status = s.Status.Span;
        if (status.SequenceEqual((ReadOnlySpan<byte>)[0x80, 0x00]) || status.SequenceEqual((ReadOnlySpan<byte>)[0x82, 0x00]))
            return null;
        var reader = new AsnReader(s.Status, AsnEncodingRules.DER);
        var revoked = reader.ReadSequence(Asn1Tags.Context(1));
        if (revoked.ReadGeneralizedTime() > s.ThisUpdate)
            return "It is revoked after thisUpdate.";
        if (!revoked.HasData)
            return null;
        var wrapper = revoked.ReadSequence(Asn1Tags.Context(0));
        revoked.ThrowIfNotEmpty();
        var reason = wrapper.ReadEnumeratedBytes().Span;
        wrapper.ThrowIfNotEmpty();
        return reason is [1 or 3 or 4 or 5 or 9] ? null : "The reason is not one that a subscriber's certificate may have.";
    }

    private static string? LifeFault(LintedOcspResponse c, LintedSingle s)
    {
        if (s.NextUpdate is not { } end)
            return "There is no nextUpdate.";
        if (s.ThisUpdate > c.ProducedAt)
            return "thisUpdate is after producedAt.";
        var life = end - s.ThisUpdate;
        return life < s_minLife || life > s_maxLife ? "The time from thisUpdate to nextUpdate is not between 8 hours and 7 days." : null;
    }

    private static string? ExtensionFault(LintedOcspResponse c)
    {
        if (c.Extensions.Count > 1)
            return "There is more than one extension.";
        foreach (var extension in c.Extensions)
        {
            if (extension.Oid != Nonce || extension.Critical || extension.CriticalIsEncoded)
                return $"There is the extension {extension.Oid}, or it is critical.";
            var value = new AsnReader(extension.Value, AsnEncodingRules.DER);
            var length = value.ReadOctetString().Length;
            value.ThrowIfNotEmpty();
            if (length is 0 or > MaxNonceLength)
                return "The nonce has no octets, or more than 128.";
        }
        return null;
    }

    private static ReadOnlySpan<byte> KeyBits(ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        var body = new AsnReader(subjectPublicKeyInfo, AsnEncodingRules.DER).ReadSequence();
        body.ReadEncodedValue();
        return body.TryReadPrimitiveBitString(out _, out var bits) ? bits.Span : throw new AsnContentException();
    }
}
