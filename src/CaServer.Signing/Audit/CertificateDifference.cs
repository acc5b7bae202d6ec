using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>Compares a certificate with the one that its evidence justifies.</summary>
internal static class CertificateDifference
{
    private const string SubjectAltName = "2.5.29.17";

    // Where status is found says nothing about why the certificate exists, and may move in the course of years.
    private static readonly string[] s_statusExtensions = ["1.3.6.1.5.5.7.1.1", "2.5.29.31"];

    /// <summary>The fields that differ, as nouns.</summary>
    internal static IEnumerable<string> Between(DecodedCertificate certificate, DecodedCertificate justified)
    {
        if (!Same(certificate.SubjectPublicKeyInfo, justified.SubjectPublicKeyInfo))
            yield return "key";
        if (!Same(certificate.Subject, justified.Subject))
            yield return "subject";
        if (!Same(certificate.Issuer, justified.Issuer))
            yield return "issuer";
        foreach (var oid in Compared(certificate).Union(Compared(justified)))
        {
            if (certificate.Find(oid) is not { } found || justified.Find(oid) is not { } expected || found.Critical != expected.Critical || !Same(found.Value, expected.Value))
                yield return oid == SubjectAltName ? "list of names" : $"extension {oid}";
        }
    }

    private static IEnumerable<string> Compared(DecodedCertificate certificate) =>
        certificate.Extensions.Select(e => e.Oid).Except(s_statusExtensions);

    private static bool Same(ReadOnlyMemory<byte> a, ReadOnlyMemory<byte> b) => a.Span.SequenceEqual(b.Span);
}
