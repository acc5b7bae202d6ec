using System.Security.Cryptography.X509Certificates;

namespace CaServer.Tests.Signing;

/// <summary>Reads certificates with the platform's reader, which shares no code with the encoder.</summary>
internal static class Certificates
{
    internal static IReadOnlyList<string> NamesOf(byte[] der)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(der);
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        return [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(a => a.ToString())];
    }

    /// <summary>Whether the platform accepts the chain at a time.</summary>
    internal static string ChainStatus(byte[] leaf, byte[] issuing, byte[] root, DateTimeOffset at)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(leaf);
        using var intermediate = X509CertificateLoader.LoadCertificate(issuing);
        using var anchor = X509CertificateLoader.LoadCertificate(root);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(anchor);
        chain.ChainPolicy.ExtraStore.Add(intermediate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = at.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1"));
        return chain.Build(certificate) ? "" : string.Join(", ", chain.ChainStatus.Select(s => s.StatusInformation));
    }
}
