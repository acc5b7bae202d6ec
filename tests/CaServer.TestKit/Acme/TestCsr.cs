using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CaServer.TestKit.Acme;

/// <summary>Certificate requests made by the platform, not by the code under test.</summary>
public static class TestCsr
{
    /// <summary>A CSR for domain names and addresses with a new P-256 key, base64url of the DER as finalize wants it.</summary>
    public static string For(params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return For(key, names);
    }

    /// <summary>A CSR for domain names and addresses with a given key.</summary>
    public static string For(ECDsa key, params string[] names) =>
        Base64Url.EncodeToString(Sign(new CertificateRequest("", key, HashAlgorithmName.SHA256), names));

    /// <summary>A CSR for domain names and addresses with an RSA key.</summary>
    public static string For(RSA key, params string[] names) =>
        Base64Url.EncodeToString(Sign(new CertificateRequest("", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), names));

    private static byte[] Sign(CertificateRequest request, string[] names)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        }
        request.CertificateExtensions.Add(alternatives.Build());
        return request.CreateSigningRequest();
    }
}
