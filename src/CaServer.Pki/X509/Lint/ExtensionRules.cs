using System.Formats.Asn1;

namespace CaServer.Pki.X509;

/// <summary>Readings of extensions that lints of leaf and CA certificates share. Each returns what is wrong, or null.</summary>
internal static class ExtensionRules
{
    private const string CrlDistributionPoints = "2.5.29.31";
    private const string AuthorityKeyIdentifier = "2.5.29.35";
    private const string AuthorityInfoAccess = "1.3.6.1.5.5.7.1.1";
    private const string Ocsp = "1.3.6.1.5.5.7.48.1";
    private const string CaIssuers = "1.3.6.1.5.5.7.48.2";

    /// <summary>The keyIdentifier alone, equal to the issuer's (BR §7.1.2.11.1, RFC 5280 §4.2.1.1).</summary>
    internal static string? AuthorityKeyFault(AsnReader body, ReadOnlySpan<byte> issuerKeyIdentifier)
    {
        if (!body.HasData || !body.PeekTag().HasSameClassAndValue(Asn1Tags.Context(0)))
            return "The authorityKeyIdentifier has no keyIdentifier.";
        var keyIdentifier = body.ReadOctetString(Asn1Tags.Context(0));
        if (body.HasData)
            return "The authorityKeyIdentifier names an issuer and serial number.";
        return issuerKeyIdentifier.SequenceEqual(keyIdentifier) ? null : "The authorityKeyIdentifier is not the issuer's subjectKeyIdentifier.";
    }

    internal static string? AuthorityKeyFault(LintedCertificate c, ReadOnlySpan<byte> issuerKeyIdentifier) =>
        c.Body(AuthorityKeyIdentifier) is { } body ? AuthorityKeyFault(body, issuerKeyIdentifier) : null;

    /// <summary>Only OCSP and caIssuers, each an http URL, none twice (BR §7.1.2.7.7).</summary>
    internal static string? AuthorityInfoAccessFault(LintedCertificate c)
    {
        if (c.Body(AuthorityInfoAccess) is not { } body)
            return null;
        if (!body.HasData)
            return "The authorityInfoAccess is empty.";
        var seen = new HashSet<(string, string)>();
        while (body.HasData)
        {
            var description = body.ReadSequence();
            var method = description.ReadObjectIdentifier();
            if (method is not (Ocsp or CaIssuers))
                return $"The authorityInfoAccess has the access method {method}.";
            if (!description.PeekTag().HasSameClassAndValue(Asn1Tags.Context(GeneralNameValue.Uri)))
                return "The authorityInfoAccess has a location that is no URL.";
            var url = description.ReadCharacterString(UniversalTagNumber.IA5String, Asn1Tags.Context(GeneralNameValue.Uri));
            description.ThrowIfNotEmpty();
            if (UrlFault(url) is { } fault)
                return fault;
            if (!seen.Add((method, url)))
                return $"The authorityInfoAccess has '{url}' twice.";
        }
        return null;
    }

    internal static bool HasCaIssuers(LintedCertificate c) => HasAccess(c, CaIssuers);

    internal static bool HasOcsp(LintedCertificate c) => HasAccess(c, Ocsp);

    /// <summary>One distribution point with one http URL and nothing else (BR §7.1.2.11.2).</summary>
    internal static string? CrlDistributionPointFault(LintedCertificate c)
    {
        if (c.Body(CrlDistributionPoints) is not { } points)
            return null;
        if (!points.HasData)
            return "The cRLDistributionPoints is empty.";
        var point = points.ReadSequence();
        if (points.HasData)
            return "There is more than one CRL distribution point.";
        if (!point.HasData || !point.PeekTag().HasSameClassAndValue(Asn1Tags.Context(0)))
            return "The CRL distribution point has no name.";
        var fault = FullNameFault(point.ReadSequence(Asn1Tags.Context(0)), out _);
        return fault ?? (point.HasData ? "The CRL distribution point has reasons or another CRL issuer." : null);
    }

    /// <summary>A DistributionPointName that is a fullName of one http URL.</summary>
    internal static string? FullNameFault(AsnReader distributionPointName, out string? url)
    {
        url = null;
        if (!distributionPointName.PeekTag().HasSameClassAndValue(Asn1Tags.Context(0)))
            return "A distribution point's name is relative to the issuer's.";
        var names = LintedCertificate.ReadGeneralNames(distributionPointName.ReadSequence(Asn1Tags.Context(0)));
        distributionPointName.ThrowIfNotEmpty();
        if (names is not [{ Tag: GeneralNameValue.Uri } name])
            return "A distribution point's name is not exactly one URL.";
        url = name.Ascii;
        return UrlFault(url);
    }

    // BR §7.1.2.7.7, §7.1.2.11.2: the scheme is http. What is fetched is signed, and https would need the very check that it serves.
    private static string? UrlFault(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme == Uri.UriSchemeHttp && url.StartsWith("http://", StringComparison.Ordinal)
        && parsed.Host.Length > 0 && parsed.UserInfo.Length == 0
            ? null
            : $"'{url}' is not an http URL.";

    private static bool HasAccess(LintedCertificate c, string wanted)
    {
        for (var body = c.Body(AuthorityInfoAccess); body is { HasData: true };)
        {
            if (body.ReadSequence().ReadObjectIdentifier() == wanted)
                return true;
        }
        return false;
    }

    /// <summary>The bits of keyUsage as a mask in which ASN.1's bit 0 is the highest of 16; null if there is no keyUsage.</summary>
    internal static ushort? KeyUsageBits(LintedCertificate c, out string? fault)
    {
        fault = null;
        if (c.Certificate.Find("2.5.29.15") is not { } extension)
            return null;
        var value = new AsnReader(extension.Value, AsnEncodingRules.DER);
        if (!value.TryReadPrimitiveBitString(out var unused, out var bits))
            throw new AsnContentException();
        value.ThrowIfNotEmpty();
        if (bits.Length is 0 or > 2)
        {
            fault = "The keyUsage has no bits, or more than there are.";
            return 0;
        }
        // X.690 §11.2.2: a named bit list ends with a one.
        if ((bits.Span[^1] & (1 << unused)) == 0)
            fault = "The keyUsage has trailing zero bits.";
        return (ushort)((bits.Span[0] << 8) | (bits.Length == 2 ? bits.Span[1] : 0));
    }

    /// <summary>The policies, and whether one has qualifiers.</summary>
    internal static List<string> Policies(LintedCertificate c, out bool hasQualifiers)
    {
        hasQualifiers = false;
        var found = new List<string>();
        for (var body = c.Body("2.5.29.32"); body is { HasData: true };)
        {
            var policy = body.ReadSequence();
            found.Add(policy.ReadObjectIdentifier());
            hasQualifiers |= policy.HasData;
        }
        return found;
    }
}
