using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Configuration;

namespace CaServer.Composition;

/// <summary>A TLS certificate as it lies in PEM files: its private key, the certificate and the chain above it.</summary>
internal sealed record TlsFile(X509Certificate2 Leaf, X509Certificate2Collection Chain)
{
    /// <summary>Reads the server's own file, which has key and chain together so that it is replaced at once; null if it is not there or cannot be used.</summary>
    public static TlsFile? TryRead(string path)
    {
        try
        {
            var pem = File.ReadAllText(path);
            return Of(pem, pem);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Reads the operator's files.</summary>
    /// <exception cref="OperatorFaultException">They cannot be used.</exception>
    public static TlsFile Read(TlsFiles files)
    {
        try
        {
            return Of(File.ReadAllText(files.Certificate), File.ReadAllText(files.Key));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new OperatorFaultException(
                "Server:TlsCertificateFile", $"{files.Certificate} and {files.Key} are not a certificate and its private key in PEM ({e.Message.TrimEnd('.')}); give files that belong together", e);
        }
    }

    private static TlsFile Of(string certificatePem, string keyPem)
    {
        var leaf = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificatePem);
        chain.RemoveAt(0);
        return new TlsFile(leaf, chain);
    }
}
