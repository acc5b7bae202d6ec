using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CaServer.Conformance.Challenges;

/// <summary>The certificate that answers tls-alpn-01 (RFC 8737 §3), right or with a fault.</summary>
internal static class ChallengeCertificate
{
    private const string AcmeIdentifier = "1.3.6.1.5.5.7.1.31";

    /// <summary>The right certificate for a name, or address, and key authorization, but for what is changed.</summary>
    public static X509Certificate2 For(
        string name, string keyAuthorization, bool isCritical = true, bool isWrapped = true, string? otherName = null, bool hasIdentifier = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ACME challenge", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(name);
        if (otherName is not null)
            names.AddDnsName(otherName);
        request.CertificateExtensions.Add(names.Build());
        var digest = SHA256.HashData(Encoding.ASCII.GetBytes(keyAuthorization));
        // An OCTET STRING of 32 octets.
        byte[] value = isWrapped ? [0x04, 0x20, .. digest] : digest;
        if (hasIdentifier)
            request.CertificateExtensions.Add(new X509Extension(AcmeIdentifier, value, isCritical));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(7));
    }

    /// <summary>The name by which an address is asked for in SNI (RFC 8738 §6).</summary>
    public static string ReverseName(IPAddress address)
    {
        var octets = address.GetAddressBytes().Reverse();
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
            ? string.Join('.', octets) + ".in-addr.arpa"
            : string.Join('.', octets.SelectMany(o => new[] { $"{o & 15:x}", $"{o >> 4:x}" })) + ".ip6.arpa";
    }
}
