using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.TestKit.Processes;

namespace CaServer.Tests.Pki.X509;

/// <summary>What we encode is read and found good by OpenSSL, GnuTLS and .NET.</summary>
public sealed class OtherReadersTests : IDisposable
{
    // These programs look at the clock.
    private readonly TestCa _ca = new(TimeProvider.System.GetUtcNow());
    private readonly ScratchDirectory _scratch = new();
    private readonly string _root;
    private readonly string _issuing;

    public OtherReadersTests()
    {
        _root = Write("root.pem", "CERTIFICATE", _ca.RootDer);
        _issuing = Write("issuing.pem", "CERTIFICATE", _ca.IssuingDer);
    }

    public static TheoryData<string> KeyKinds => [.. WireName.All<KeyKind>()];

    [Theory, MemberData(nameof(KeyKinds))]
    public async Task OpenSsl_and_GnuTls_verify_the_chain(string kind)
    {
        var leaf = Write("leaf.pem", "CERTIFICATE", _ca.Leaf(_ca.Contents(key: KeyOf(kind), names: [Identifier.Dns("www.example.com"), Identifier.Ip("192.0.2.1"), Identifier.Ip("2001:db8::1")])));
        await OpenSsl("verify", "-x509_strict", "-policy_check", "-purpose", "sslserver", "-verify_hostname", "www.example.com", "-CAfile", _root, "-untrusted", _issuing, leaf);
        await OpenSsl("verify", "-x509_strict", "-verify_ip", "2001:db8::1", "-CAfile", _root, "-untrusted", _issuing, leaf);
        var chain = _scratch.File("chain.pem");
        await File.WriteAllTextAsync(chain, await Text(leaf) + await Text(_issuing) + await Text(_root), TestContext.Current.CancellationToken);
        var certtool = await ExternalProgram.Find("certtool").RunAsync(
            ["--verify", "--infile", chain, "--load-ca-certificate", _root, "--verify-hostname", "www.example.com", "--verify-purpose", "1.3.6.1.5.5.7.3.1"],
            cancellation: TestContext.Current.CancellationToken);
        Assert.Contains("Chain verification output: Verified. The certificate is trusted.", certtool.Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenSsl_prints_a_leaf_as_it_was_meant()
    {
        var leaf = Write("leaf.pem", "CERTIFICATE", _ca.Leaf(_ca.Contents(names: [Identifier.Dns("*.example.com"), Identifier.Ip("192.0.2.1")])));
        var text = await OpenSsl("x509", "-in", leaf, "-noout", "-text");
        foreach (var expected in new[]
        {
            "Version: 3 (0x2)", "Issuer: C = CN, O = Example Trust, CN = Example TLS Issuing I1", "ASN1 OID: prime256v1",
            "X509v3 Key Usage: critical\n                Digital Signature\n", "TLS Web Server Authentication\n", "CA:FALSE",
            "X509v3 Subject Alternative Name: critical\n                DNS:*.example.com, IP Address:192.0.2.1", "Policy: 2.23.140.1.2.1",
            "CA Issuers - URI:" + TestCa.CaIssuersUrl, "URI:" + TestCa.CrlUrl, "ecdsa-with-SHA256",
        })
        {
            Assert.Contains(expected, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task OpenSsl_and_GnuTls_find_revoked_certificates_in_our_lists()
    {
        var revoked = _ca.Contents();
        var other = _ca.Contents();
        var contents = new RevocationListContents
        {
            Number = 5,
            ThisUpdate = _ca.Now,
            NextUpdate = _ca.Now.AddDays(7),
            DistributionPoint = TestCa.CrlUrl,
            Entries = [RevocationList.EncodeEntry(revoked.Serial, _ca.Now, RevocationReason.KeyCompromise)],
        };
        var crl = Write("issuing.crl", "X509 CRL", _ca.Crl(contents));
        var rootCrl = Write("root.crl", "X509 CRL", _ca.RootCrl(contents with { DistributionPoint = null, Entries = [] }));
        var text = await OpenSsl("crl", "-in", crl, "-noout", "-text");
        Assert.Contains("Key Compromise", text, StringComparison.Ordinal);
        Assert.Contains("X509v3 Issuing Distribution Point: critical", text, StringComparison.Ordinal);
        Assert.Contains("No Revoked Certificates", await OpenSsl("crl", "-in", rootCrl, "-noout", "-text"), StringComparison.Ordinal);
        var good = Write("good.pem", "CERTIFICATE", _ca.Leaf(other));
        var bad = Write("bad.pem", "CERTIFICATE", _ca.Leaf(revoked));
        string[] verify = ["verify", "-x509_strict", "-crl_check_all", "-CRLfile", crl, "-CRLfile", rootCrl, "-CAfile", _root, "-untrusted", _issuing];
        await OpenSsl([.. verify, good]);
        var result = await ExternalProgram.Find("openssl").RunAsync([.. verify, bad], cancellation: TestContext.Current.CancellationToken);
        Assert.Contains("certificate revoked", result.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, result.ExitCode);
        var gnuTls = await ExternalProgram.Find("certtool").RunAsync(["--verify-crl", "--infile", crl, "--load-ca-certificate", _issuing], cancellation: TestContext.Current.CancellationToken);
        Assert.Contains("Verified", gnuTls.Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenSsl_brings_a_list_up_to_date_with_a_delta()
    {
        var revoked = _ca.Contents();
        var contents = new RevocationListContents
        {
            Number = 5,
            ThisUpdate = _ca.Now,
            NextUpdate = _ca.Now.AddDays(7),
            DistributionPoint = TestCa.CrlUrl,
            FreshestCrl = "http://status.example/crl/issuing/0-delta.crl",
        };
        var complete = Write("complete.crl", "X509 CRL", _ca.Crl(contents));
        var delta = Write("delta.crl", "X509 CRL", _ca.Crl(contents with
        {
            Number = 8,
            DeltaBase = 5,
            FreshestCrl = null,
            Entries = [RevocationList.EncodeEntry(revoked.Serial, _ca.Now, RevocationReason.Superseded)],
        }));
        var text = await OpenSsl("crl", "-in", delta, "-noout", "-text");
        Assert.Contains("X509v3 Delta CRL Indicator: critical", text, StringComparison.Ordinal);
        Assert.Contains("X509v3 Freshest CRL:", await OpenSsl("crl", "-in", complete, "-noout", "-text"), StringComparison.Ordinal);
        var leaf = Write("leaf.pem", "CERTIFICATE", _ca.Leaf(revoked));
        string[] verify = ["verify", "-x509_strict", "-crl_check", "-CRLfile", complete, "-CAfile", _root, "-untrusted", _issuing];
        await OpenSsl([.. verify, "-use_deltas", leaf]);
        await OpenSsl([.. verify, "-CRLfile", delta, leaf]);
        var result = await ExternalProgram.Find("openssl").RunAsync(
            [.. verify, "-use_deltas", "-CRLfile", delta, leaf], cancellation: TestContext.Current.CancellationToken);
        Assert.Contains("certificate revoked", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_platform_builds_the_chain()
    {
        using var root = X509CertificateLoader.LoadCertificate(_ca.RootDer);
        using var issuing = X509CertificateLoader.LoadCertificate(_ca.IssuingDer);
        using var leaf = X509CertificateLoader.LoadCertificate(_ca.Leaf(_ca.Contents()));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.ExtraStore.Add(issuing);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        Assert.True(chain.Build(leaf), string.Join("; ", chain.ChainStatus.Select(s => s.StatusInformation)));
        Assert.True(leaf.MatchesHostname("www.example.com"));
    }

    public void Dispose() => _scratch.Dispose();

    private static SubjectPublicKey KeyOf(string kind) => WireName.Parse<KeyKind>(kind) switch
    {
        KeyKind.Rsa => TestKeys.Rsa2048,
        KeyKind.P256 => TestKeys.P256,
        KeyKind.P384 => TestKeys.P384,
        KeyKind.P521 => TestKeys.P521,
    };

    private static Task<string> Text(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

    private static async Task<string> OpenSsl(params string[] arguments)
    {
        var result = await ExternalProgram.Find("openssl").RunAsync(arguments, cancellation: TestContext.Current.CancellationToken);
        return result.Succeeded().Output;
    }

    private string Write(string name, string label, byte[] der)
    {
        var path = _scratch.File(name);
        File.WriteAllText(path, PemEncoding.WriteString(label, der) + "\n");
        return path;
    }
}
