using System.Formats.Asn1;
using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>Encodes certificate revocation lists (RFC 5280 §5, BR §7.2).</summary>
public static class RevocationList
{
    private const int Version2 = 1;

    /// <summary>Encodes one entry, a SEQUENCE to be stored and copied into each CRL until one CRL after the certificate's end.</summary>
    /// <param name="serial">The revoked certificate.</param>
    /// <param name="revokedAt">When it was revoked, or since when its key is compromised (BR §7.2.2).</param>
    /// <param name="reason">Why; <see cref="RevocationReason.Unspecified"/> is encoded by leaving it out (BR §7.2.2).</param>
    public static byte[] EncodeEntry(SerialNumber serial, DateTimeOffset revokedAt, RevocationReason reason)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER, 64);
        using (writer.PushSequence())
        {
            writer.WriteInteger(serial.Octets);
            ExtensionWriter.WriteTime(writer, revokedAt);
            if (reason != RevocationReason.Unspecified)
            {
                using (writer.PushSequence())
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Oids.ReasonCode);
                    using (writer.PushOctetString())
                        writer.WriteEnumeratedValue(reason);
                }
            }
        }
        return writer.Encode();
    }

    /// <summary>Encodes the part that is signed. Time and memory are linear in the size of the entries.</summary>
    /// <param name="contents">What it says.</param>
    /// <param name="issuer">Who signs.</param>
    /// <param name="signatureAlgorithm">The AlgorithmIdentifier that the signature will have, DER.</param>
    public static byte[] EncodeTbs(RevocationListContents contents, IssuerCertificate issuer, ReadOnlySpan<byte> signatureAlgorithm)
    {
        var builder = new RevocationListBuilder(contents, issuer, signatureAlgorithm, contents.Entries.Aggregate(0, (sum, entry) => checked(sum + entry.Length)));
        foreach (var entry in contents.Entries)
            builder.Add(entry.Span);
        return builder.Tbs.ToArray();
    }

    internal static byte[] EncodeHead(RevocationListContents contents, IssuerCertificate issuer, ReadOnlySpan<byte> signatureAlgorithm)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER, 512);
        writer.WriteInteger(Version2);
        writer.WriteEncodedValue(signatureAlgorithm);
        writer.WriteEncodedValue(issuer.SubjectDer.Span);
        ExtensionWriter.WriteTime(writer, contents.ThisUpdate);
        ExtensionWriter.WriteTime(writer, contents.NextUpdate);
        return Concatenated(writer);
    }

    internal static byte[] EncodeTail(RevocationListContents contents, IssuerCertificate issuer)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER, 512);
        using (writer.PushSequence(Asn1Tags.Context(0)))
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(issuer.AuthorityKeyIdentifierExtension);
            ExtensionWriter.WriteCrlNumber(writer, contents.Number);
            if (contents.DeltaBase is { } number)
                ExtensionWriter.WriteDeltaCrlIndicator(writer, number);
            if (contents.DistributionPoint is { } url)
                ExtensionWriter.WriteIssuingDistributionPoint(writer, url);
            if (contents.FreshestCrl is { } delta)
                ExtensionWriter.WriteFreshestCrl(writer, delta);
        }
        return writer.Encode();
    }

    private static byte[] Concatenated(AsnWriter writer)
    {
        var octets = new byte[writer.GetEncodedLength()];
        writer.Encode(octets);
        return octets;
    }
}
