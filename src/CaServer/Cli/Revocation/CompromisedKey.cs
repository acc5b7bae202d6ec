using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CaServer.Composition;
using CaServer.Pki.X509;

namespace CaServer.Cli;

/// <summary>A public key from whatever a report brings: a public key, a certificate, a CSR, or the private key itself; PEM or DER.</summary>
internal static class CompromisedKey
{
    private const int MaxLength = 256 * 1024;

    /// <summary>The key's SubjectPublicKeyInfo, DER.</summary>
    /// <exception cref="OperatorFaultException">The file cannot be read, or has no key.</exception>
    public static byte[] Read(string file)
    {
        byte[] octets;
        try
        {
            using var stream = File.OpenRead(file);
            octets = new byte[Math.Min(stream.Length, MaxLength)];
            stream.ReadExactly(octets);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OperatorFaultException("--key", $"{file} cannot be read ({e.Message.TrimEnd('.')}); give the path of a readable file", e);
        }
        try
        {
            var text = Encoding.ASCII.GetString(octets);
            if (PemEncoding.TryFind(text, out var fields) && Convert.TryFromBase64String(text[fields.Base64Data], octets, out var written))
            {
                var der = octets[..written];
                return OfPem(text[fields.Label], der);
            }
            return OfDer(octets);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw new OperatorFaultException("--key", $"{file} has neither a public key nor a certificate, CSR or unencrypted private key, PEM or DER; the first PEM block counts", e);
        }
    }

    private static byte[] OfPem(string label, byte[] der) => label switch
    {
        "CERTIFICATE" => OfCertificate(der),
        "PUBLIC KEY" => OfPublicKey(der),
        "CERTIFICATE REQUEST" or "NEW CERTIFICATE REQUEST" => CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.SkipSignatureValidation).PublicKey.ExportSubjectPublicKeyInfo(),
        "PRIVATE KEY" => OfPrivateKey(der),
        "RSA PRIVATE KEY" => Export(RSA.Create(), key => key.ImportRSAPrivateKey(der, out _)),
        "EC PRIVATE KEY" => Export(ECDsa.Create(), key => key.ImportECPrivateKey(der, out _)),
        _ => throw new FormatException(label),
    };

    private static byte[] OfDer(byte[] der)
    {
        foreach (var read in new Func<byte[], byte[]>[] { OfCertificate, OfPublicKey, OfPrivateKey })
        {
            try
            {
                return read(der);
            }
            catch (Exception e) when (e is CryptographicException or FormatException)
            {
                // Then it is something else.
            }
        }
        throw new FormatException("no key");
    }

    private static byte[] OfCertificate(byte[] der) =>
        DecodedCertificate.TryDecode(der, out var certificate) ? certificate.SubjectPublicKeyInfo.ToArray() : throw new FormatException("no certificate");

    private static byte[] OfPublicKey(byte[] der)
    {
        var key = PublicKey.CreateFromSubjectPublicKeyInfo(der, out var read);
        return read == der.Length ? key.ExportSubjectPublicKeyInfo() : throw new FormatException("no public key");
    }

    private static byte[] OfPrivateKey(byte[] der)
    {
        try
        {
            return Export(ECDsa.Create(), key => key.ImportPkcs8PrivateKey(der, out _));
        }
        catch (CryptographicException)
        {
            return Export(RSA.Create(), key => key.ImportPkcs8PrivateKey(der, out _));
        }
    }

    private static byte[] Export<T>(T key, Action<T> import) where T : AsymmetricAlgorithm
    {
        using (key)
        {
            import(key);
            return key.ExportSubjectPublicKeyInfo();
        }
    }
}
