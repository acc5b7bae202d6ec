using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Fuzz;

/// <summary>A CA that is the same in every process but for its signature, so that inputs can name it.</summary>
internal static class FixedCa
{
    private static readonly ECDsa s_key = Requests.FixedKey("ca");

    internal static DateTimeOffset Now { get; } = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    internal static SerialNumber Serial { get; } =
        SerialNumber.TryCreate(Convert.FromHexString("505112131415161718191a1b1c1d1e1f"), out var serial) ? serial : throw new InvalidOperationException("The serial number is none.");

    // After the others, which it is made from.
    internal static IssuerCertificate Certificate { get; } = IssuerCertificate.Parse(Create());

    internal static DecodedCertificate Decoded { get; } =
        DecodedCertificate.TryDecode(Certificate.Der, out var decoded) ? decoded : throw new InvalidOperationException("The CA's own certificate cannot be read.");

    internal static byte[] Sign(byte[] tbs)
    {
        var generator = X509SignatureGenerator.CreateForECDsa(s_key);
        return SignedObject.Encode(tbs, generator.GetSignatureAlgorithmIdentifier(HashAlgorithmName.SHA256), generator.SignData(tbs, HashAlgorithmName.SHA256));
    }

    internal static SubjectPublicKey KeyOf(AsymmetricAlgorithm key) =>
        SubjectPublicKey.TryRead(key.ExportSubjectPublicKeyInfo(), out var read, out var fault) ? read : throw new InvalidOperationException(fault);

    private static byte[] Create()
    {
        var contents = new RootContents
        {
            Subject = new CaSubject("CN", "Example Trust", "Example Issuing I1"),
            Key = KeyOf(s_key),
            Serial = Serial,
            NotBefore = ValidityPeriod.From(Now.AddHours(-2), CaCertificate.RootValidity).NotBefore,
            NotAfter = ValidityPeriod.From(Now.AddHours(-2), CaCertificate.RootValidity).NotAfter,
        };
        return Sign(CaCertificate.EncodeRootTbs(contents, SignatureAlgorithm.OfIssuer(KeyKind.P256).Der.Span));
    }
}
