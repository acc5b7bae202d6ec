using System.Formats.Asn1;
using System.Numerics;

namespace CaServer.Pki.X509;

/// <summary>Lints of CRLs (RFC 5280 §5, BR §4.9.7, §7.2).</summary>
internal static class RevocationListRules
{
    private const string CrlNumber = "2.5.29.20";
    private const string DeltaCrlIndicator = "2.5.29.27";
    private const string IssuingDistributionPoint = "2.5.29.28";
    private const string FreshestCrl = "2.5.29.46";
    private const string AuthorityKeyIdentifier = "2.5.29.35";

    private static readonly TimeSpan s_maxLeafLife = TimeSpan.FromDays(10);

    internal static readonly LintRule<LintedRevocationList>[] All =
    [
        new("crl_not_der", LintSeverity.Error, "X.690 §10, §11", NotDer),
        new("crl_version_not_2", LintSeverity.Error, "RFC 5280 §5.1.2.1", c => c.Version == 1 ? null : "The version is not v2."),
        new(
            "crl_signature_algorithms_differ", LintSeverity.Error, "RFC 5280 §5.1.1.2",
            c => c.InnerAlgorithm.Span.SequenceEqual(c.Parts.AlgorithmIdentifier.Span)
                ? null
                : "The algorithm inside what is signed is not byte for byte the one outside."),
        new(
            "crl_signature_algorithm_not_permitted", LintSeverity.Error, "BR §7.1.3.2",
            c => CommonRules.AlgorithmFault(c.InnerAlgorithm.Span, c.Issuer.PublicKey.Der)),
        new(
            "crl_issuer_differs", LintSeverity.Error, "RFC 5280 §5.1.2.3",
            c => c.IssuerName.Span.SequenceEqual(c.Issuer.SubjectDer.Span)
                ? null
                : "The issuer is not byte for byte the CA's subject."),
        new("crl_time_encoding", LintSeverity.Error, "RFC 5280 §5.1.2.4", TimeEncoding),
        new("crl_next_update_missing", LintSeverity.Error, "RFC 5280 §5.1.2.5", c => c.NextUpdate.IsEmpty ? "There is no nextUpdate." : null),
        new("crl_life", LintSeverity.Error, "BR §7.2", Life),
        new(
            "crl_list_empty", LintSeverity.Error, "RFC 5280 §5.1.2.6",
            c => c.Entries is { IsEmpty: true } ? "There is a list of revoked certificates, and it is empty." : null),
        new("crl_entry", LintSeverity.Error, "BR §7.2.2; RFC 5280 §5.3", EntryFault),
        new("crl_aki", LintSeverity.Error, "RFC 5280 §5.2.1", AkiFault),
        new("crl_number", LintSeverity.Error, "RFC 5280 §5.2.3; BR §7.2", NumberFault),
        new("crl_issuing_distribution_point", LintSeverity.Error, "BR §7.2.2.1; RFC 5280 §5.2.5", DistributionPointFault),
        new("crl_delta_indicator", LintSeverity.Error, "RFC 5280 §5.2.4", DeltaFault),
        new("crl_freshest", LintSeverity.Error, "RFC 5280 §5.2.6", FreshestFault),
        new("crl_extension_not_permitted", LintSeverity.Error, "BR §7.2.2", ExtensionNotPermitted),
        new("crl_extension_criticality", LintSeverity.Error, "BR §7.2.2", Criticality),
    ];

    private static string? NotDer(LintedRevocationList c)
    {
        if (DerWalk.Fault(c.Der.Span) is { } fault)
            return fault;
        foreach (var extension in c.Extensions)
        {
            if (DerWalk.Fault(extension.Value.Span) is { } inner)
                return $"In the extension {extension.Oid}: {inner}";
            if (extension.CriticalIsEncoded && !extension.Critical)
                return $"The extension {extension.Oid} says critical FALSE, which is the default.";
        }
        return null;
    }

    private static string? TimeEncoding(LintedRevocationList c) =>
        CommonRules.TimeFault(c.ThisUpdate.Span) ?? (c.NextUpdate.IsEmpty ? null : CommonRules.TimeFault(c.NextUpdate.Span));

    private static string? Life(LintedRevocationList c)
    {
        if (c.NextUpdate.IsEmpty)
            return null;
        var from = LintedRevocationList.TimeOf(c.ThisUpdate);
        var to = LintedRevocationList.TimeOf(c.NextUpdate);
        if (to <= from)
            return "nextUpdate is not after thisUpdate.";
        var latest = c.Kind.CoversCaCertificates ? from.AddMonths(12) : from + s_maxLeafLife;
        return to > latest ? $"nextUpdate is more than {(c.Kind.CoversCaCertificates ? "12 months" : "10 days")} after thisUpdate." : null;
    }

    private static string? AkiFault(LintedRevocationList c)
    {
        if (c.Find(AuthorityKeyIdentifier) is not { } extension)
            return "There is no authorityKeyIdentifier.";
        return ExtensionRules.AuthorityKeyFault(new AsnReader(extension.Value, AsnEncodingRules.DER).ReadSequence(), c.Issuer.SubjectKeyIdentifier.Span);
    }

    private static string? NumberFault(LintedRevocationList c)
    {
        if (c.Find(CrlNumber) is not { } extension)
            return "There is no cRLNumber.";
        var number = new AsnReader(extension.Value, AsnEncodingRules.DER).ReadInteger();
        return number.Sign >= 0 && number < BigInteger.One << 159 ? null : "The cRLNumber is negative or too large.";
    }

    private static string? DistributionPointFault(LintedRevocationList c)
    {
        if (c.Find(IssuingDistributionPoint) is not { } extension)
            return c.Kind.DistributionPoint is null ? null : "A CRL that covers a part of the certificates has no issuingDistributionPoint.";
        var value = new AsnReader(extension.Value, AsnEncodingRules.DER);
        var body = value.ReadSequence();
        value.ThrowIfNotEmpty();
        string? url = null;
        if (body.HasData && body.PeekTag().HasSameClassAndValue(Asn1Tags.Context(0))
            && ExtensionRules.FullNameFault(body.ReadSequence(Asn1Tags.Context(0)), out url) is { } fault)
            return fault;
        if (url is null || url != c.Kind.DistributionPoint)
            return "The issuingDistributionPoint is not the URL that stands in the certificates.";
        var flags = 0;
        while (body.HasData)
        {
            var tag = body.PeekTag();
            body.ReadEncodedValue();
            // onlyContainsUserCerts [1] or onlyContainsCACerts [2]; nothing else may be there (BR §7.2.2.1).
            if (tag.TagValue is not (1 or 2))
                return "The issuingDistributionPoint has reasons, or is that of an indirect or attribute CRL.";
            flags++;
        }
        return flags > 1 ? "The issuingDistributionPoint says both only user and only CA certificates." : null;
    }

    private static string? DeltaFault(LintedRevocationList c)
    {
        if (c.Kind.DeltaBase is not { } expected)
            return null;
        if (c.Find(DeltaCrlIndicator) is not { } extension)
            return "A delta CRL has no deltaCRLIndicator, so that it would be taken for a complete one.";
        var number = new AsnReader(extension.Value, AsnEncodingRules.DER).ReadInteger();
        if (number != expected)
            return "The deltaCRLIndicator is not the number of the CRL that the delta was made to.";
        return c.Find(CrlNumber) is { } own && number > new AsnReader(own.Value, AsnEncodingRules.DER).ReadInteger()
            ? "The deltaCRLIndicator is higher than the CRL's own number."
            : null;
    }

    private static string? FreshestFault(LintedRevocationList c)
    {
        if (c.Kind.FreshestCrl is not { } expected)
            return null;
        if (c.Kind.DeltaBase is not null)
            return "A delta CRL must not have freshestCRL.";
        if (c.Find(FreshestCrl) is not { } extension)
            return "There are deltas, and there is no freshestCRL.";
        var value = new AsnReader(extension.Value, AsnEncodingRules.DER);
        var points = value.ReadSequence();
        value.ThrowIfNotEmpty();
        var point = points.ReadSequence();
        points.ThrowIfNotEmpty();
        if (ExtensionRules.FullNameFault(point.ReadSequence(Asn1Tags.Context(0)), out var url) is { } fault)
            return fault;
        return point.HasData || url != expected ? "The freshestCRL is not the one URL of the deltas." : null;
    }

    private static string? ExtensionNotPermitted(LintedRevocationList c)
    {
        for (var i = 0; i < c.Extensions.Count; i++)
        {
            var oid = c.Extensions[i].Oid;
            var isPermitted = oid switch
            {
                AuthorityKeyIdentifier or CrlNumber or IssuingDistributionPoint => true,
                DeltaCrlIndicator => c.Kind.DeltaBase is not null,
                FreshestCrl => c.Kind.FreshestCrl is not null,
                _ => false,
            };
            if (!isPermitted)
                return $"There is the extension {oid}.";
            if (c.Extensions.Take(i).Any(e => e.Oid == oid))
                return $"The extension {oid} is there twice.";
        }
        return null;
    }

    private static string? Criticality(LintedRevocationList c)
    {
        foreach (var extension in c.Extensions)
        {
            if (extension.Critical != (extension.Oid is IssuingDistributionPoint or DeltaCrlIndicator))
                return $"The extension {extension.Oid} is {(extension.Critical ? "" : "not ")}critical.";
        }
        return null;
    }

    // On spans, since there may be a million.
    private static string? EntryFault(LintedRevocationList c)
    {
        var rest = c.Entries is { } entries ? entries.Span : default;
        while (!rest.IsEmpty)
        {
            AsnDecoder.ReadSequence(rest, AsnEncodingRules.DER, out var offset, out var length, out var consumed);
            if (FaultOf(rest.Slice(offset, length), c.Kind.CoversCaCertificates) is { } fault)
                return fault;
            rest = rest[consumed..];
        }
        return null;
    }

    private static string? FaultOf(ReadOnlySpan<byte> entry, bool isOfCa)
    {
        var serial = AsnDecoder.ReadIntegerBytes(entry, AsnEncodingRules.DER, out var consumed);
        if ((serial[0] & 0x80) != 0 || serial.Length > 20)
            return "An entry's serial number is negative or too long.";
        entry = entry[consumed..];
        if (entry is [0x17, ..])
            AsnDecoder.ReadUtcTime(entry, AsnEncodingRules.DER, out consumed, 2049);
        else
            AsnDecoder.ReadGeneralizedTime(entry, AsnEncodingRules.DER, out consumed);
        if (CommonRules.TimeFault(entry[..consumed]) is { } fault)
            return fault;
        entry = entry[consumed..];
        if (entry.IsEmpty)
            return isOfCa ? "The entry of a CA certificate gives no reason." : null;
        AsnDecoder.ReadSequence(entry, AsnEncodingRules.DER, out var offset, out var length, out consumed);
        if (consumed != entry.Length)
            throw new AsnContentException();
        return ReasonFault(entry.Slice(offset, length), isOfCa);
    }

    // The one extension that an entry has is reasonCode, and that is not critical.
    private static string? ReasonFault(ReadOnlySpan<byte> extensions, bool isOfCa)
    {
        ReadOnlySpan<byte> head = [0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01];
        if (extensions.Length != head.Length + 1 || !extensions.StartsWith(head))
            return "An entry's extensions are not a reasonCode alone, not critical.";
        var reason = extensions[^1];
        var permitted = reason is 1 or 3 or 4 or 5 or 9 || (isOfCa && reason == 2);
        return permitted ? null : $"An entry has the reason {reason}.";
    }
}
