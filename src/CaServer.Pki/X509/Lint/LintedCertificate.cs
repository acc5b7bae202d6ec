using System.Formats.Asn1;
using System.Text;

namespace CaServer.Pki.X509;

/// <summary>An attribute of a name: which RDN it stands in, its type, the tag of its string, its text.</summary>
internal readonly record struct NameAttribute(int Rdn, string Oid, UniversalTagNumber Encoding, string Text);

/// <summary>A GeneralName: its tag number and the octets of its content (RFC 5280 §4.2.1.6).</summary>
internal readonly record struct GeneralNameValue(int Tag, ReadOnlyMemory<byte> Content)
{
    internal const int DnsName = 2;
    internal const int Uri = 6;
    internal const int IpAddress = 7;

    /// <summary>The content of an IA5String form.</summary>
    internal string Ascii => Encoding.ASCII.GetString(Content.Span);
}

/// <summary>A certificate as the lints see it, with what several of them need read once.</summary>
internal sealed class LintedCertificate(
    DecodedCertificate certificate, IssuerCertificate? issuer, CertificateProfile? profile, DateTimeOffset issuedAt)
{
    private IReadOnlyList<NameAttribute>? _subject;
    private IReadOnlyList<GeneralNameValue>? _names;

    internal DecodedCertificate Certificate => certificate;

    /// <summary>Who issues it; null for a root, which issues itself.</summary>
    internal IssuerCertificate? Issuer => issuer;

    /// <summary>The profile; null for a CA's certificate.</summary>
    internal CertificateProfile? Profile => profile;

    internal DateTimeOffset IssuedAt => issuedAt;

    /// <summary>BR §6.3.2: seconds, both ends included.</summary>
    internal TimeSpan Validity => certificate.NotAfter - certificate.NotBefore + TimeSpan.FromSeconds(1);

    internal IReadOnlyList<NameAttribute> Subject => _subject ??= ReadName(certificate.Subject);

    internal IReadOnlyList<GeneralNameValue> SubjectAltNames =>
        _names ??= Body("2.5.29.17") is { } body ? ReadGeneralNames(body) : [];

    /// <summary>The content of the SEQUENCE in an extension; null if there is no such extension.</summary>
    internal AsnReader? Body(string oid)
    {
        if (certificate.Find(oid) is not { } extension)
            return null;
        var value = new AsnReader(extension.Value, AsnEncodingRules.DER);
        var body = value.ReadSequence();
        value.ThrowIfNotEmpty();
        return body;
    }

    /// <summary>The OIDs in an extension that is a SEQUENCE OF OBJECT IDENTIFIER.</summary>
    internal List<string> ObjectIdentifiers(string oid)
    {
        var found = new List<string>();
        for (var body = Body(oid); body is { HasData: true };)
            found.Add(body.ReadObjectIdentifier());
        return found;
    }

    internal static List<GeneralNameValue> ReadGeneralNames(AsnReader body)
    {
        var found = new List<GeneralNameValue>();
        while (body.HasData)
        {
            var value = body.ReadEncodedValue();
            var tag = AsnDecoder.ReadEncodedValue(value.Span, AsnEncodingRules.DER, out var offset, out var length, out _);
            if (tag.TagClass != TagClass.ContextSpecific)
                throw new AsnContentException();
            found.Add(new GeneralNameValue(tag.TagValue, value.Slice(offset, length)));
        }
        return found;
    }

    private static List<NameAttribute> ReadName(ReadOnlyMemory<byte> name)
    {
        var found = new List<NameAttribute>();
        var rdns = new AsnReader(name, AsnEncodingRules.DER).ReadSequence();
        for (var number = 0; rdns.HasData; number++)
        {
            var rdn = rdns.ReadSetOf(skipSortOrderValidation: true);
            while (rdn.HasData)
            {
                var attribute = rdn.ReadSequence();
                var oid = attribute.ReadObjectIdentifier();
                var encoding = (UniversalTagNumber)attribute.PeekTag().TagValue;
                if (!IsText(encoding))
                    throw new AsnContentException();
                found.Add(new NameAttribute(number, oid, encoding, attribute.ReadCharacterString(encoding)));
                attribute.ThrowIfNotEmpty();
            }
        }
        return found;
    }

    private static bool IsText(UniversalTagNumber type) =>
        type is UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String
            or UniversalTagNumber.T61String or UniversalTagNumber.BMPString or UniversalTagNumber.NumericString or UniversalTagNumber.VisibleString;
}
