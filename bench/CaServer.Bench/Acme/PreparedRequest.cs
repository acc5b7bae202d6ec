using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CaServer.Bench.Acme;

/// <summary>What one order asks for, made before the clock starts: a name used once, a fresh P-256 key (thrown away after signing) and its CSR.</summary>
internal sealed record PreparedRequest(string Name, byte[] Csr, byte[] SubjectPublicKeyInfo)
{
    public static PreparedRequest Create(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        var request = new CertificateRequest("", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        return new PreparedRequest(name, request.CreateSigningRequest(), key.ExportSubjectPublicKeyInfo());
    }
}
