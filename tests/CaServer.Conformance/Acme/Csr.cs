using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CaServer.Conformance.Acme;

/// <summary>A certificate signing request (RFC 2986), right or as a case wants it.</summary>
internal sealed class Csr
{
    private readonly CertificateRequest _request;
    private readonly SubjectAlternativeNameBuilder _names = new();

    private Csr(CertificateRequest request) => _request = request;

    /// <summary>The request, signed.</summary>
    public byte[] Der => _request.CreateSigningRequest();

    /// <summary>A request for names, which may be addresses, and perhaps a common name.</summary>
    public static Csr For(AsymmetricAlgorithm key, IEnumerable<string> names, string? commonName = null, Action<SubjectAlternativeNameBuilder>? more = null)
    {
        var csr = new Csr(Request(key, new X500DistinguishedName(commonName is null ? "" : $"CN={commonName}")));
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
                csr._names.AddIpAddress(address);
            else
                csr._names.AddDnsName(name);
        }
        more?.Invoke(csr._names);
        csr._request.CertificateExtensions.Add(csr._names.Build());
        return csr;
    }

    /// <summary>A request that names the identifier in the subject's common name alone.</summary>
    public static Csr ForCommonName(AsymmetricAlgorithm key, string? commonName) =>
        new(Request(key, new X500DistinguishedName(commonName is null ? "" : $"CN={commonName}")));

    /// <summary>Asks for one more extension.</summary>
    public Csr With(X509Extension extension)
    {
        _request.CertificateExtensions.Add(extension);
        return this;
    }

    private static CertificateRequest Request(AsymmetricAlgorithm key, X500DistinguishedName subject) => key switch
    {
        ECDsa ec => new CertificateRequest(subject, ec, HashAlgorithmName.SHA256),
        RSA rsa => new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        _ => throw new ArgumentException("neither EC nor RSA", nameof(key)),
    };
}
