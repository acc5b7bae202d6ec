using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace CaServer.Pki.X509;

/// <summary>An extension as it stands in a certificate or CRL.</summary>
/// <param name="Oid">What it is, dotted.</param>
/// <param name="Critical">Whether it is critical.</param>
/// <param name="Value">The content of extnValue.</param>
/// <param name="CriticalIsEncoded">Whether the critical field is there at all; DER leaves FALSE out.</param>
public readonly record struct DecodedExtension(string Oid, bool Critical, ReadOnlyMemory<byte> Value, bool CriticalIsEncoded);

/// <summary>
/// The fields of a certificate, taken from its DER with nothing judged (RFC 5280 §4.1). The memories are slices of the input.
/// </summary>
public sealed class DecodedCertificate
{
    private DecodedCertificate(ReadOnlyMemory<byte> der, SignedObject parts)
    {
        Der = der;
        Parts = parts;
    }

    /// <summary>The whole certificate.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>tbsCertificate, signatureAlgorithm and signature.</summary>
    public SignedObject Parts { get; }

    /// <summary>The version field: 2 for v3, null where it is left out.</summary>
    public int? Version { get; private init; }

    /// <summary>The content octets of the serialNumber INTEGER.</summary>
    public ReadOnlyMemory<byte> Serial { get; private init; }

    /// <summary>The signature field inside tbsCertificate, DER.</summary>
    public ReadOnlyMemory<byte> InnerAlgorithm { get; private init; }

    /// <summary>The issuer, DER.</summary>
    public ReadOnlyMemory<byte> Issuer { get; private init; }

    /// <summary>Start of validity.</summary>
    public DateTimeOffset NotBefore { get; private init; }

    /// <summary>End of validity, inclusive.</summary>
    public DateTimeOffset NotAfter { get; private init; }

    /// <summary>The validity, DER.</summary>
    public ReadOnlyMemory<byte> Validity { get; private init; }

    /// <summary>The subject, DER.</summary>
    public ReadOnlyMemory<byte> Subject { get; private init; }

    /// <summary>The subjectPublicKeyInfo, DER.</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; private init; }

    /// <summary>Whether there is an issuerUniqueID or subjectUniqueID.</summary>
    public bool HasUniqueIds { get; private init; }

    /// <summary>The extensions in their order.</summary>
    public IReadOnlyList<DecodedExtension> Extensions { get; private init; } = [];

    /// <summary>The first extension with this OID.</summary>
    public DecodedExtension? Find(string oid)
    {
        for (var i = 0; i < Extensions.Count; i++)
        {
            if (Extensions[i].Oid == oid)
                return Extensions[i];
        }
        return null;
    }

    /// <summary>Takes a certificate apart; false if it does not have the structure of one.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out DecodedCertificate? certificate)
    {
        certificate = null;
        try
        {
            if (SignedObject.TrySplit(der, out var parts))
                certificate = Decode(der, parts);
        }
        catch (AsnContentException)
        {
            // Not a certificate.
        }
        return certificate is not null;
    }

    private static DecodedCertificate Decode(ReadOnlyMemory<byte> der, SignedObject parts)
    {
        var outer = new AsnReader(parts.ToBeSigned, AsnEncodingRules.DER);
        var tbs = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        int? version = null;
        if (tbs.PeekTag().HasSameClassAndValue(Asn1Tags.Context(0)))
        {
            var wrapper = tbs.ReadSequence(Asn1Tags.Context(0));
            version = wrapper.TryReadInt32(out var v) ? v : throw new AsnContentException();
            wrapper.ThrowIfNotEmpty();
        }
        var serial = tbs.ReadIntegerBytes();
        var algorithm = tbs.ReadEncodedValue();
        var issuer = tbs.ReadEncodedValue();
        var validity = tbs.ReadEncodedValue();
        var subject = tbs.ReadEncodedValue();
        var publicKey = tbs.ReadEncodedValue();
        var hasUniqueIds = false;
        while (tbs.HasData && (tbs.PeekTag().HasSameClassAndValue(Asn1Tags.Context(1)) || tbs.PeekTag().HasSameClassAndValue(Asn1Tags.Context(2))))
        {
            tbs.ReadEncodedValue();
            hasUniqueIds = true;
        }
        IReadOnlyList<DecodedExtension> extensions = [];
        if (tbs.HasData)
        {
            var wrapper = tbs.ReadSequence(Asn1Tags.Context(3));
            extensions = ReadExtensions(wrapper);
            wrapper.ThrowIfNotEmpty();
        }
        tbs.ThrowIfNotEmpty();

        var validityReader = new AsnReader(validity, AsnEncodingRules.DER);
        var period = validityReader.ReadSequence();
        var notBefore = ReadTime(period);
        var notAfter = ReadTime(period);
        period.ThrowIfNotEmpty();
        return new DecodedCertificate(der, parts)
        {
            Version = version,
            Serial = serial,
            InnerAlgorithm = algorithm,
            Issuer = issuer,
            Validity = validity,
            NotBefore = notBefore,
            NotAfter = notAfter,
            Subject = subject,
            SubjectPublicKeyInfo = publicKey,
            HasUniqueIds = hasUniqueIds,
            Extensions = extensions,
        };
    }

    /// <summary>Reads a SEQUENCE OF Extension.</summary>
    internal static List<DecodedExtension> ReadExtensions(AsnReader reader)
    {
        var list = reader.ReadSequence();
        var extensions = new List<DecodedExtension>(12);
        while (list.HasData)
        {
            var item = list.ReadSequence();
            var oid = item.ReadObjectIdentifier();
            var isEncoded = item.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean);
            var critical = isEncoded && item.ReadBoolean();
            var value = item.TryReadPrimitiveOctetString(out var octets) ? octets : throw new AsnContentException();
            item.ThrowIfNotEmpty();
            extensions.Add(new DecodedExtension(oid, critical, value, isEncoded));
        }
        return extensions;
    }

    /// <summary>Reads a Time: UTCTime or GeneralizedTime.</summary>
    internal static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime(2049) : reader.ReadGeneralizedTime();
}
