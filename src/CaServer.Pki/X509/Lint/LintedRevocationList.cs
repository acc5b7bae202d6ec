using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace CaServer.Pki.X509;

/// <summary>A CRL as the lints see it (RFC 5280 §5.1). The memories are slices of the input.</summary>
internal sealed class LintedRevocationList
{
    private LintedRevocationList(ReadOnlyMemory<byte> der, SignedObject parts, IssuerCertificate issuer, LintedListKind kind)
    {
        Der = der;
        Parts = parts;
        Issuer = issuer;
        Kind = kind;
    }

    internal ReadOnlyMemory<byte> Der { get; }

    internal SignedObject Parts { get; }

    internal IssuerCertificate Issuer { get; }

    /// <summary>What it is to be.</summary>
    internal LintedListKind Kind { get; }

    internal int? Version { get; private init; }

    internal ReadOnlyMemory<byte> InnerAlgorithm { get; private init; }

    internal ReadOnlyMemory<byte> IssuerName { get; private init; }

    internal ReadOnlyMemory<byte> ThisUpdate { get; private init; }

    /// <summary>Empty where there is none.</summary>
    internal ReadOnlyMemory<byte> NextUpdate { get; private init; }

    /// <summary>The content of revokedCertificates; null where it is absent.</summary>
    internal ReadOnlyMemory<byte>? Entries { get; private init; }

    internal IReadOnlyList<DecodedExtension> Extensions { get; private init; } = [];

    internal DecodedExtension? Find(string oid)
    {
        foreach (var extension in Extensions)
        {
            if (extension.Oid == oid)
                return extension;
        }
        return null;
    }

    internal static DateTimeOffset TimeOf(ReadOnlyMemory<byte> time) => DecodedCertificate.ReadTime(new AsnReader(time, AsnEncodingRules.DER));

    internal static bool TryDecode(
        ReadOnlyMemory<byte> der, IssuerCertificate issuer, LintedListKind kind, [NotNullWhen(true)] out LintedRevocationList? crl)
    {
        crl = null;
        try
        {
            if (SignedObject.TrySplit(der, out var parts))
                crl = Decode(der, parts, issuer, kind);
        }
        catch (AsnContentException)
        {
            // Not a CRL.
        }
        return crl is not null;
    }

    private static LintedRevocationList Decode(ReadOnlyMemory<byte> der, SignedObject parts, IssuerCertificate issuer, LintedListKind kind)
    {
        var outer = new AsnReader(parts.ToBeSigned, AsnEncodingRules.DER);
        var tbs = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        int? version = null;
        if (tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
            version = tbs.TryReadInt32(out var v) ? v : throw new AsnContentException();
        var algorithm = tbs.ReadEncodedValue();
        var name = tbs.ReadEncodedValue();
        var thisUpdate = ReadEncodedTime(tbs);
        var nextUpdate = tbs.HasData && IsTime(tbs.PeekTag()) ? ReadEncodedTime(tbs) : default;
        ReadOnlyMemory<byte>? entries = null;
        if (tbs.HasData && tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
            entries = tbs.PeekContentBytes();
        if (entries is not null)
            tbs.ReadEncodedValue();
        IReadOnlyList<DecodedExtension> extensions = [];
        if (tbs.HasData)
        {
            var wrapper = tbs.ReadSequence(Asn1Tags.Context(0));
            extensions = DecodedCertificate.ReadExtensions(wrapper);
            wrapper.ThrowIfNotEmpty();
        }
        tbs.ThrowIfNotEmpty();
        return new LintedRevocationList(der, parts, issuer, kind)
        {
            Version = version,
            InnerAlgorithm = algorithm,
            IssuerName = name,
            ThisUpdate = thisUpdate,
            NextUpdate = nextUpdate,
            Entries = entries,
            Extensions = extensions,
        };
    }

    private static bool IsTime(Asn1Tag tag) => tag.HasSameClassAndValue(Asn1Tag.UtcTime) || tag.HasSameClassAndValue(Asn1Tag.GeneralizedTime);

    private static ReadOnlyMemory<byte> ReadEncodedTime(AsnReader reader)
    {
        var encoded = reader.ReadEncodedValue();
        TimeOf(encoded);
        return encoded;
    }
}

/// <summary>What a CRL is to be.</summary>
/// <param name="CoversCaCertificates">Whether it is a root's.</param>
/// <param name="DistributionPoint">The URL in the certificates that it covers, where it is a shard.</param>
/// <param name="DeltaBase">The number of the CRL that it is a delta to, if it is one.</param>
/// <param name="FreshestCrl">Where the deltas to it are, if there are any.</param>
internal sealed record LintedListKind(bool CoversCaCertificates, string? DistributionPoint, long? DeltaBase, string? FreshestCrl);
