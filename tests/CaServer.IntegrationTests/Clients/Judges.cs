using System.Security.Cryptography;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Clients;

/// <summary>Programs by other people that say whether a certificate is right.</summary>
internal static class Judges
{
    private static readonly ExternalProgram OpenSsl = ExternalProgram.Find("openssl");
    private static readonly ExternalProgram Certtool = ExternalProgram.Find("certtool");

    /// <summary>Fails the test unless OpenSSL's strict mode and GnuTLS accept the chain for a TLS server of this name, and zlint each certificate.</summary>
    public static async Task AllAcceptAsync(ObtainedCertificate certificate, string name)
    {
        await OpenSslAcceptsAsync(certificate, name);
        await GnuTlsAcceptsAsync(certificate, name);
        await Zlint.AcceptsAsync(certificate.LeafFile);
        await Zlint.AcceptsAsync(certificate.IssuerFile);
        await Zlint.AcceptsAsync(certificate.RootFile);
    }

    /// <summary>What OpenSSL says of the leaf when it looks into this CRL, DER: "OK", or the reason why not.</summary>
    public static async Task<string> OpenSslSaysAsync(ObtainedCertificate certificate, byte[] crl)
    {
        using var scratch = new ScratchDirectory();
        var file = scratch.File("crl.der");
        await File.WriteAllBytesAsync(file, crl, TestContext.Current.CancellationToken);
        var result = await OpenSsl.RunAsync(
            ["verify", "-x509_strict", "-crl_check", "-CRLfile", file, "-CAfile", certificate.RootFile, "-untrusted", certificate.IssuerFile,
                certificate.LeafFile],
            cancellation: TestContext.Current.CancellationToken);
        return result.ExitCode == 0 ? "OK" : result.Output;
    }

    /// <summary>Fails the test unless GnuTLS finds the CRL, DER, signed by the issuing CA and current, and zlint no error in it.</summary>
    public static async Task AllAcceptCrlAsync(ObtainedCertificate certificate, byte[] crl)
    {
        using var scratch = new ScratchDirectory();
        var file = scratch.File("crl.pem");
        await File.WriteAllTextAsync(file, PemEncoding.WriteString("X509 CRL", crl) + "\n", TestContext.Current.CancellationToken);
        var result = await Certtool.RunAsync(
            ["--verify-crl", "--load-ca-certificate", certificate.IssuerFile, "--infile", file], cancellation: TestContext.Current.CancellationToken);
        Assert.Contains("Verified.", result.Succeeded().Output, StringComparison.Ordinal);
        await Zlint.AcceptsCrlAsync(file);
    }

    private static async Task OpenSslAcceptsAsync(ObtainedCertificate certificate, string name)
    {
        var result = await OpenSsl.RunAsync(
            ["verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", name,
                "-CAfile", certificate.RootFile, "-untrusted", certificate.IssuerFile, certificate.LeafFile],
            cancellation: TestContext.Current.CancellationToken);
        Assert.EndsWith(": OK\n", result.Succeeded().Output, StringComparison.Ordinal);
    }

    private static async Task GnuTlsAcceptsAsync(ObtainedCertificate certificate, string name)
    {
        using var scratch = new ScratchDirectory();
        var chain = scratch.File("chain.pem");
        using var leaf = certificate.ReadLeaf();
        await File.WriteAllTextAsync(
            chain,
            leaf.ExportCertificatePem() + "\n" + await File.ReadAllTextAsync(certificate.IssuerFile, TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken);
        var result = await Certtool.RunAsync(
            ["--verify", "--verify-profile", "medium", "--verify-hostname", name, "--verify-purpose", "1.3.6.1.5.5.7.3.1",
                "--load-ca-certificate", certificate.RootFile, "--infile", chain],
            cancellation: TestContext.Current.CancellationToken);
        Assert.Contains("Chain verification output: Verified. The certificate is trusted.", result.Succeeded().Output, StringComparison.Ordinal);
    }
}
