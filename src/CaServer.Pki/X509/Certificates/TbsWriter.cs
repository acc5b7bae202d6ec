using System.Formats.Asn1;
using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>What all to-be-signed certificates begin with (RFC 5280 §4.1.2).</summary>
internal static class TbsWriter
{
    private const int Version3 = 2;

    internal static void WriteHead(
        AsnWriter writer,
        SerialNumber serial,
        ReadOnlySpan<byte> signatureAlgorithm,
        ReadOnlySpan<byte> issuer,
        DateTimeOffset notBefore,
        DateTimeOffset notAfter)
    {
        using (writer.PushSequence(Asn1Tags.Context(0)))
            writer.WriteInteger(Version3);
        writer.WriteInteger(serial.Octets);
        writer.WriteEncodedValue(signatureAlgorithm);
        writer.WriteEncodedValue(issuer);
        using (writer.PushSequence())
        {
            ExtensionWriter.WriteTime(writer, notBefore);
            ExtensionWriter.WriteTime(writer, notAfter);
        }
    }

    /// <summary>A RelativeDistinguishedName with one attribute (BR §7.1.4.2: one per RDN).</summary>
    internal static void WriteAttribute(AsnWriter writer, string oid, UniversalTagNumber encoding, string value)
    {
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            writer.WriteCharacterString(encoding, value);
        }
    }
}
