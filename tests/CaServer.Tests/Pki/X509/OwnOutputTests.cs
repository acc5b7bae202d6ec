using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Tests.Pki.X509;

/// <summary>What we encode passes our own lints, in every shape that it can have.</summary>
public sealed class OwnOutputTests
{
    private static readonly TestCa s_ca = TestCa.Shared;

    public static TheoryData<string> KeyKinds => [.. WireName.All<KeyKind>()];

    [Theory, MemberData(nameof(KeyKinds))]
    public void A_leaf_has_no_findings_with_any_kind_of_key(string kind)
    {
        var key = WireName.Parse<KeyKind>(kind) switch
        {
            KeyKind.Rsa => TestKeys.Rsa2048,
            KeyKind.P256 => TestKeys.P256,
            KeyKind.P384 => TestKeys.P384,
            KeyKind.P521 => TestKeys.P521,
        };
        AssertNoFindings(s_ca.Contents(key: key));
    }

    [Fact]
    public void A_leaf_has_no_findings_with_addresses_ocsp_and_an_international_name() =>
        AssertNoFindings(s_ca.Contents(names: [Identifier.Ip("1.1.1.1"), Identifier.Ip("2606:4700:4700::1111"), Identifier.Dns("xn--bcher-kva.example.com")])
            with
        { OcspUrl = "http://status.example/ocsp/issuing" });

    [Fact]
    public void A_short_lived_leaf_needs_no_revocation_status()
    {
        var profile = new CertificateProfile("shortlived", CertificateProfileOptions.ShortLived(), PolicyPreset.WebPki);
        AssertNoFindings(s_ca.Contents(profile) with { CrlUrl = null });
    }

    [Fact]
    public void A_common_name_is_only_warned_of()
    {
        var contents = s_ca.Contents(TestCa.Dv(o => o.CommonName = true));
        var findings = CertificateLint.Check(s_ca.Leaf(contents), s_ca.Issuer, contents.Profile, s_ca.Now);
        Assert.Equal(["common_name_not_recommended"], findings.Select(f => f.Rule));
    }

    [Fact]
    public void A_private_leaf_may_have_internal_names_and_an_own_policy()
    {
        var profile = TestCa.Dv(o => o.PolicyOid = "1.3.6.1.4.1.99999.1", PolicyPreset.Private);
        AssertNoFindings(s_ca.Contents(profile, names: [Identifier.Dns("server"), Identifier.Dns("demo.localhost"), Identifier.Ip("10.0.0.1")]));
    }

    [Fact]
    public void The_root_and_the_issuing_ca_have_no_findings()
    {
        Assert.Empty(CertificateLint.CheckRoot(s_ca.RootDer, PolicyPreset.WebPki, s_ca.Now));
        Assert.Empty(CertificateLint.CheckIssuing(s_ca.IssuingDer, s_ca.Root, PolicyPreset.WebPki, s_ca.Now));
    }

    [Fact]
    public void A_private_ca_may_leave_its_country_out()
    {
        var contents = s_ca.RootContents with { Subject = new CaSubject(null, "Example Trust", "Example Root R1") };
        var der = s_ca.SignAsRoot(CaCertificate.EncodeRootTbs(contents, s_ca.Root.SignatureAlgorithm.Der.Span));
        Assert.Empty(CertificateLint.CheckRoot(der, PolicyPreset.Private, s_ca.Now));
        Assert.Equal(["ca_country_missing"], CertificateLint.CheckRoot(der, PolicyPreset.WebPki, s_ca.Now).Select(f => f.Rule));
    }

    [Fact]
    public void Crls_have_no_findings()
    {
        var contents = new RevocationListContents { Number = 7, ThisUpdate = s_ca.Now, NextUpdate = s_ca.Now.AddDays(7) };
        Assert.Empty(RevocationListLint.Check(s_ca.Crl(contents), s_ca.Issuer, coversCaCertificates: false));
        var entries = new[] { RevocationReason.Unspecified, RevocationReason.KeyCompromise, RevocationReason.Superseded }
            .Select(reason => (ReadOnlyMemory<byte>)RevocationList.EncodeEntry(SerialNumber.Generate(), s_ca.Now, reason));
        var shard = contents with { DistributionPoint = TestCa.CrlUrl, Entries = [.. entries] };
        Assert.Empty(RevocationListLint.Check(s_ca.Crl(shard), s_ca.Issuer, coversCaCertificates: false, TestCa.CrlUrl));
        var root = contents with { NextUpdate = s_ca.Now.AddMonths(12) };
        Assert.Empty(RevocationListLint.Check(s_ca.RootCrl(root), s_ca.Root, coversCaCertificates: true));
    }

    private static void AssertNoFindings(LeafContents contents) =>
        Assert.Empty(CertificateLint.Check(s_ca.Leaf(contents), s_ca.Issuer, contents.Profile, s_ca.Now));
}
