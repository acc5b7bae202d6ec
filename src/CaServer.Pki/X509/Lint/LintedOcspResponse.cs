using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace CaServer.Pki.X509;

/// <summary>What a response says about one certificate, as the lints see it.</summary>
internal sealed record LintedSingle
{
    /// <summary>The AlgorithmIdentifier of the CertID, DER.</summary>
    internal required ReadOnlyMemory<byte> HashAlgorithm { get; init; }

    internal required ReadOnlyMemory<byte> NameHash { get; init; }

    internal required ReadOnlyMemory<byte> KeyHash { get; init; }

    /// <summary>The status, DER: [0], [1] or [2].</summary>
    internal required ReadOnlyMemory<byte> Status { get; init; }

    internal required DateTimeOffset ThisUpdate { get; init; }

    internal required DateTimeOffset? NextUpdate { get; init; }

    internal required bool HasExtensions { get; init; }
}

/// <summary>An OCSP response as the lints see it (RFC 6960 §4.2.1). The memories are slices of the input.</summary>
internal sealed class LintedOcspResponse
{
    private const string Basic = "1.3.6.1.5.5.7.48.1.1";

    internal required ReadOnlyMemory<byte> Der { get; init; }

    /// <summary>BasicOCSPResponse, which lies in an OCTET STRING.</summary>
    internal required ReadOnlyMemory<byte> BasicDer { get; init; }

    internal required ReadOnlyMemory<byte> Algorithm { get; init; }

    /// <summary>The responderID, DER.</summary>
    internal required ReadOnlyMemory<byte> ResponderId { get; init; }

    internal required DateTimeOffset ProducedAt { get; init; }

    internal required IReadOnlyList<LintedSingle> Singles { get; init; }

    internal required IReadOnlyList<DecodedExtension> Extensions { get; init; }

    /// <summary>The certificates that came with it, DER.</summary>
    internal required IReadOnlyList<ReadOnlyMemory<byte>> Certificates { get; init; }

    /// <summary>The responder's certificate, which the caller knows.</summary>
    internal required DecodedCertificate Responder { get; init; }

    internal required IssuerCertificate Issuer { get; init; }

    internal static bool TryDecode(
        ReadOnlyMemory<byte> der, DecodedCertificate responder, IssuerCertificate issuer, [NotNullWhen(true)] out LintedOcspResponse? response)
    {
        response = null;
        try
        {
            response = Decode(der, responder, issuer);
        }
        catch (AsnContentException)
        {
            // Not a basic response.
        }
        return response is not null;
    }

    private static LintedOcspResponse? Decode(ReadOnlyMemory<byte> der, DecodedCertificate responder, IssuerCertificate issuer)
    {
        var basicDer = Unwrap(der);
        if (basicDer.IsEmpty)
            return null;
        var reader = new AsnReader(basicDer, AsnEncodingRules.DER);
        var basic = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        var tbs = basic.ReadSequence();
        var algorithm = basic.ReadEncodedValue();
        basic.ReadBitString(out _);
        var certificates = ReadCertificates(basic);
        basic.ThrowIfNotEmpty();

        // version [0] is v1 by default, and DER leaves defaults out; then responderID is [1] or [2].
        var responderId = tbs.ReadEncodedValue();
        var producedAt = tbs.ReadGeneralizedTime();
        var singles = ReadSingles(tbs.ReadSequence());
        IReadOnlyList<DecodedExtension> extensions = [];
        if (tbs.HasData)
            extensions = DecodedCertificate.ReadExtensions(tbs.ReadSequence(Asn1Tags.Context(1)));
        tbs.ThrowIfNotEmpty();
        return new LintedOcspResponse
        {
            Der = der,
            BasicDer = basicDer,
            Algorithm = algorithm,
            ResponderId = responderId,
            ProducedAt = producedAt,
            Singles = singles,
            Extensions = extensions,
            Certificates = certificates,
            Responder = responder,
            Issuer = issuer,
        };
    }

    private static ReadOnlyMemory<byte> Unwrap(ReadOnlyMemory<byte> der)
    {
        var reader = new AsnReader(der, AsnEncodingRules.DER);
        var outer = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        if (!outer.ReadEnumeratedBytes().Span.SequenceEqual((ReadOnlySpan<byte>)[0]))
            return default;
        var wrapper = outer.ReadSequence(Asn1Tags.Context(0));
        outer.ThrowIfNotEmpty();
        var bytes = wrapper.ReadSequence();
        wrapper.ThrowIfNotEmpty();
        if (bytes.ReadObjectIdentifier() != Basic || !bytes.TryReadPrimitiveOctetString(out var basic))
            return default;
        bytes.ThrowIfNotEmpty();
        return basic;
    }

    private static List<ReadOnlyMemory<byte>> ReadCertificates(AsnReader basic)
    {
        var certificates = new List<ReadOnlyMemory<byte>>(1);
        if (!basic.HasData)
            return certificates;
        var wrapper = basic.ReadSequence(Asn1Tags.Context(0));
        for (var list = wrapper.ReadSequence(); list.HasData;)
            certificates.Add(list.ReadEncodedValue());
        wrapper.ThrowIfNotEmpty();
        return certificates;
    }

    private static List<LintedSingle> ReadSingles(AsnReader list)
    {
        var singles = new List<LintedSingle>(1);
        while (list.HasData)
        {
            var single = list.ReadSequence();
            var id = single.ReadSequence();
            var hash = id.ReadEncodedValue();
            var name = Octets(id);
            var key = Octets(id);
            id.ReadIntegerBytes();
            id.ThrowIfNotEmpty();
            var status = single.ReadEncodedValue();
            var thisUpdate = single.ReadGeneralizedTime();
            DateTimeOffset? nextUpdate = null;
            if (single.HasData && single.PeekTag().HasSameClassAndValue(Asn1Tags.Context(0)))
            {
                var wrapper = single.ReadSequence(Asn1Tags.Context(0));
                nextUpdate = wrapper.ReadGeneralizedTime();
                wrapper.ThrowIfNotEmpty();
            }
            singles.Add(new LintedSingle
            {
                HashAlgorithm = hash,
                NameHash = name,
                KeyHash = key,
                Status = status,
                ThisUpdate = thisUpdate,
                NextUpdate = nextUpdate,
                HasExtensions = single.HasData,
            });
        }
        return singles;
    }

    private static ReadOnlyMemory<byte> Octets(AsnReader reader) =>
        reader.TryReadPrimitiveOctetString(out var octets) ? octets : throw new AsnContentException();
}
