using System.Formats.Asn1;
using System.Net;
using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>The extensions that we write, each as RFC 5280 §4.2 and §5.2 define it and with the criticality that the BR fix.</summary>
internal static class ExtensionWriter
{
    internal static readonly Asn1Tag DnsName = Asn1Tags.Context(2);
    internal static readonly Asn1Tag Uri = Asn1Tags.Context(6);
    internal static readonly Asn1Tag IpAddress = Asn1Tags.Context(7);

    /// <summary>One extension alone, DER, to be copied into certificates.</summary>
    internal static byte[] Encode(Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        write(writer);
        return writer.Encode();
    }

    internal static void WriteTime(AsnWriter writer, DateTimeOffset time)
    {
        // RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050, whole seconds.
        if (time.UtcDateTime.Year < 2050)
            writer.WriteUtcTime(time, 2049);
        else
            writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);
    }

    /// <summary>keyUsage, critical.</summary>
    internal static void WriteKeyUsage(AsnWriter writer, KeyUsages usages)
    {
        using (Begin(writer, Oids.KeyUsage, critical: true))
            writer.WriteNamedBitList(usages);
    }

    /// <summary>extKeyUsage with serverAuth only (CRP §1.3.2; BR §7.1.2.7.10, §7.1.2.10.6).</summary>
    internal static void WriteServerAuth(AsnWriter writer)
    {
        using (Begin(writer, Oids.ExtendedKeyUsage))
        using (writer.PushSequence())
            writer.WriteObjectIdentifier(Oids.ServerAuth);
    }

    /// <summary>extKeyUsage of an OCSP responder: this purpose and no other (BR §7.1.2.8.5).</summary>
    internal static void WriteOcspSigning(AsnWriter writer)
    {
        using (Begin(writer, Oids.ExtendedKeyUsage))
        using (writer.PushSequence())
            writer.WriteObjectIdentifier(Oids.OcspSigning);
    }

    /// <summary>id-pkix-ocsp-nocheck, whose value is NULL (RFC 6960 §4.2.2.2.1).</summary>
    internal static void WriteOcspNoCheck(AsnWriter writer)
    {
        using (Begin(writer, Oids.OcspNoCheck))
            writer.WriteNull();
    }

    /// <summary>basicConstraints of an end-entity certificate, critical; cA is FALSE by default, so the value is empty.</summary>
    internal static void WriteNotCa(AsnWriter writer)
    {
        using (Begin(writer, Oids.BasicConstraints, critical: true))
        using (writer.PushSequence())
        {
            // Nothing: DER leaves defaults out.
        }
    }

    /// <summary>basicConstraints of a CA, critical.</summary>
    internal static void WriteCa(AsnWriter writer, int? pathLength)
    {
        using (Begin(writer, Oids.BasicConstraints, critical: true))
        using (writer.PushSequence())
        {
            writer.WriteBoolean(true);
            if (pathLength is { } length)
                writer.WriteInteger(length);
        }
    }

    /// <summary>certificatePolicies with one policy and no qualifiers.</summary>
    internal static void WritePolicy(AsnWriter writer, string oid)
    {
        using (Begin(writer, Oids.CertificatePolicies))
        using (writer.PushSequence())
        using (writer.PushSequence())
            writer.WriteObjectIdentifier(oid);
    }

    internal static void WriteSubjectKeyIdentifier(AsnWriter writer, ReadOnlySpan<byte> keyIdentifier)
    {
        using (Begin(writer, Oids.SubjectKeyIdentifier))
            writer.WriteOctetString(keyIdentifier);
    }

    /// <summary>authorityKeyIdentifier with the key identifier only (BR §7.1.2.11.1).</summary>
    internal static void WriteAuthorityKeyIdentifier(AsnWriter writer, ReadOnlySpan<byte> keyIdentifier)
    {
        using (Begin(writer, Oids.AuthorityKeyIdentifier))
        using (writer.PushSequence())
            writer.WriteOctetString(keyIdentifier, Asn1Tags.Context(0));
    }

    /// <summary>authorityInfoAccess: OCSP first where there is one, then the issuer's certificate (BR §7.1.2.7.7).</summary>
    internal static void WriteAuthorityInfoAccess(AsnWriter writer, string caIssuersUrl, string? ocspUrl)
    {
        using (Begin(writer, Oids.AuthorityInfoAccess))
        using (writer.PushSequence())
        {
            if (ocspUrl is not null)
                WriteAccess(writer, Oids.Ocsp, ocspUrl);
            WriteAccess(writer, Oids.CaIssuers, caIssuersUrl);
        }
    }

    /// <summary>cRLDistributionPoints with one distribution point that has one URL (BR §7.1.2.11.2).</summary>
    internal static void WriteCrlDistributionPoint(AsnWriter writer, string url)
    {
        using (Begin(writer, Oids.CrlDistributionPoints))
        using (writer.PushSequence())
        using (writer.PushSequence())
            WriteFullName(writer, url);
    }

    /// <summary>issuingDistributionPoint of a CRL, critical (RFC 5280 §5.2.5).</summary>
    internal static void WriteIssuingDistributionPoint(AsnWriter writer, string url)
    {
        using (Begin(writer, Oids.IssuingDistributionPoint, critical: true))
        using (writer.PushSequence())
            WriteFullName(writer, url);
    }

    /// <summary>deltaCRLIndicator of a delta CRL, critical (RFC 5280 §5.2.4).</summary>
    internal static void WriteDeltaCrlIndicator(AsnWriter writer, long baseNumber)
    {
        using (Begin(writer, Oids.DeltaCrlIndicator, critical: true))
            writer.WriteInteger(baseNumber);
    }

    /// <summary>freshestCRL with one URL, not critical (RFC 5280 §5.2.6).</summary>
    internal static void WriteFreshestCrl(AsnWriter writer, string url)
    {
        using (Begin(writer, Oids.FreshestCrl))
        using (writer.PushSequence())
        using (writer.PushSequence())
            WriteFullName(writer, url);
    }

    /// <summary>subjectAltName, critical if and only if the subject is empty (BR §7.1.2.7.12).</summary>
    internal static void WriteSubjectAltName(AsnWriter writer, IReadOnlyList<Identifier> names, bool critical)
    {
        using (Begin(writer, Oids.SubjectAltName, critical))
        using (writer.PushSequence())
        {
            foreach (var name in names)
            {
                switch (name.Type)
                {
                    case IdentifierType.Dns:
                        writer.WriteCharacterString(UniversalTagNumber.IA5String, name.ToString(), DnsName);
                        break;
                    case IdentifierType.Ip:
                        writer.WriteOctetString(IPAddress.Parse(name.Value).GetAddressBytes(), IpAddress);
                        break;
                    default:
                        throw new ArgumentOutOfRangeException(nameof(names));
                }
            }
        }
    }

    internal static void WriteCrlNumber(AsnWriter writer, long number)
    {
        using (Begin(writer, Oids.CrlNumber))
            writer.WriteInteger(number);
    }

    // DistributionPointName: [0] { fullName [0] { URI } }. The tag around a CHOICE is explicit.
    private static void WriteFullName(AsnWriter writer, string url)
    {
        using (writer.PushSequence(Asn1Tags.Context(0)))
        using (writer.PushSequence(Asn1Tags.Context(0)))
            writer.WriteCharacterString(UniversalTagNumber.IA5String, url, Uri);
    }

    private static void WriteAccess(AsnWriter writer, string method, string url)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(method);
            writer.WriteCharacterString(UniversalTagNumber.IA5String, url, Uri);
        }
    }

    private static Scope Begin(AsnWriter writer, string oid, bool critical = false)
    {
        var extension = writer.PushSequence();
        writer.WriteObjectIdentifier(oid);
        if (critical)
            writer.WriteBoolean(true);
        return new Scope(extension, writer.PushOctetString());
    }

    private readonly struct Scope(AsnWriter.Scope extension, AsnWriter.Scope value) : IDisposable
    {
        public void Dispose()
        {
            value.Dispose();
            extension.Dispose();
        }
    }
}

/// <summary>The bits of keyUsage, numbered as AsnWriter wants a named bit list: bit n of ASN.1 is 1 &lt;&lt; n (RFC 5280 §4.2.1.3).</summary>
[Flags]
internal enum KeyUsages
{
    None = 0,
    DigitalSignature = 1 << 0,
    KeyEncipherment = 1 << 2,
    KeyCertSign = 1 << 5,
    CrlSign = 1 << 6,
}
