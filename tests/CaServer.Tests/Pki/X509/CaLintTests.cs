using CaServer.Domain;
using CaServer.Pki.X509;
using static CaServer.Tests.Pki.X509.MutableCertificate;

namespace CaServer.Tests.Pki.X509;

/// <summary>For each lint of CA certificates one that breaks it.</summary>
public sealed class CaLintTests
{
    private static readonly TestCa s_ca = TestCa.Shared;
    private static readonly DateTimeOffset s_now = s_ca.Now;

    private static readonly Case[] s_cases =
    [
        new(true, "ca_not_before_far_from_signing", c => c.NotBefore = Der.UtcTime(s_now.AddDays(-1).AddSeconds(-1))),
        new(true, "ca_subject_incomplete", c => Rename(c, (0x13, "2.5.4.6", "CN"), (0x0c, "2.5.4.3", "Root"))),
        new(true, "ca_subject_incomplete", c => Rename(c, (0x13, "2.5.4.6", "CN"), (0x0c, "2.5.4.10", "Example"))),
        new(true, "ca_country_missing", c => Rename(c, (0x0c, "2.5.4.10", "Example"), (0x0c, "2.5.4.3", "Root"))),
        new(true, "ca_subject_organizational_unit", c => Rename(c, (0x13, "2.5.4.6", "CN"), (0x0c, "2.5.4.10", "Example"), (0x0c, "2.5.4.11", "CA"), (0x0c, "2.5.4.3", "Root"))),
        new(true, "ca_subject_form", c => Rename(c, (0x0c, "2.5.4.3", "Root"), (0x0c, "2.5.4.10", "Example"), (0x13, "2.5.4.6", "CN"))),
        new(true, "ca_subject_form", c => Rename(c, (0x0c, "2.5.4.6", "CN"), (0x0c, "2.5.4.10", "Example"), (0x0c, "2.5.4.3", "Root"))),
        new(true, "ca_subject_form", c => Rename(c, (0x13, "2.5.4.6", "CN"), (0x0c, "2.5.4.10", new string('x', 65)), (0x0c, "2.5.4.3", "Root"))),
        new(true, "ca_basic_constraints", c => c.Replace(BasicConstraints, "3000")),
        new(true, "ca_key_usage", c => c.Replace(KeyUsage, "03 02 02 04")),
        new(true, "ca_key_usage", c => c.Replace(KeyUsage, "03 02 01 26")),
        new(true, "ca_ski", c => c.Remove(Ski)),
        new(true, "ca_extension_criticality", c => c.Change(KeyUsage, e => e with { Critical = [] })),
        new(true, "ca_extension_criticality", c => c.Change(BasicConstraints, e => e with { Critical = [] })),
        new(true, "root_validity", c => c.NotAfter = Der.UtcTime(s_now.AddHours(-2).AddDays(2922).AddSeconds(-2))),
        new(true, "root_validity", c => c.NotAfter = Der.GeneralizedTime(s_now.AddHours(-2).AddDays(9132))) { Also = ["root_key_life"] },
        new(true, "root_key_life", c => c.NotAfter = Der.UtcTime(s_now.AddHours(-2).AddYears(15).AddSeconds(1))),
        new(true, "root_path_length", c => c.Replace(BasicConstraints, "3006 0101ff 020100")),
        new(true, "root_extended_key_usage", c => c.Add(Eku, Der.Sequence(Der.Oid("1.3.6.1.5.5.7.3.1")))),
        new(true, "root_policies", c => c.Add(Policies, Der.Sequence(Der.Sequence(Der.Oid("2.5.29.32.0"))))),
        new(true, "root_aki", c => c.Replace(Aki, "3003 800100")),
        new(true, "root_extension_not_permitted", c => c.Add(Cdp, Der.Sequence(Der.Sequence(Der.Tlv(0xa0, Der.Tlv(0xa0, Der.Url("http://a.example/1.crl"))))))),
        new(true, "issuer_differs", c => c.Issuer = s_ca.IssuingContents.Subject.Der.ToArray()),
        new(true, "signature_algorithm_not_permitted", c => c.InnerAlgorithm = c.OuterAlgorithm = Der.Hex("300a06082a8648ce3d040302")),

        new(false, "issuing_extension_missing", c => c.Remove(Cdp)),
        new(false, "issuing_extension_missing", c => c.Remove(Eku)),
        new(false, "issuing_extension_missing", c => c.Remove(Policies)),
        new(false, "issuing_extension_missing", c => c.Remove(Aki)),
        new(false, "issuing_extension_not_permitted", c => c.Add(San, Der.Sequence(Der.Text(0x82, "ca.example.com")))),
        new(false, "issuing_path_length", c => c.Replace(BasicConstraints, "3003 0101ff")),
        new(false, "issuing_aki", c => c.Replace(Aki, "3003 800100")),
        new(false, "issuing_subject_is_issuers", c => c.Subject = c.Issuer),
        new(false, "issuing_policies", c => c.Replace(Policies, Der.Sequence(Der.Sequence(Der.Oid("2.5.29.32.0")), Der.Sequence(Der.Oid("2.23.140.1.2.1"))))),
        new(false, "issuing_policies", c => c.Replace(Policies, Der.Sequence(Der.Sequence(Der.Oid("2.23.140.1.2.1")), Der.Sequence(Der.Oid("2.23.140.1.2.2"))))),
        new(false, "issuing_policies", c => c.Replace(Policies, Der.Sequence(Der.Sequence(Der.Oid("1.2.3.4"))))),
        new(false, "issuing_extended_key_usage", c => c.Replace(Eku, Der.Sequence(Der.Oid("1.3.6.1.5.5.7.3.1"), Der.Oid("1.3.6.1.5.5.7.3.2")))),
        new(false, "issuing_extended_key_usage", c => c.Replace(Eku, Der.Sequence(Der.Oid("2.5.29.37.0")))),
        new(false, "issuing_aia_form", c => c.Replace(Aia, Der.Sequence(Der.Sequence(Der.Oid("1.3.6.1.5.5.7.48.2"), Der.Url("ldap://a.example"))))),
        new(false, "issuing_aia_missing", c => c.Remove(Aia)),
        new(false, "issuing_crl_distribution_point", c => c.Replace(Cdp, "3000")),
        new(false, "validity_outside_issuer", c => c.NotAfter = Der.UtcTime(s_ca.Root.NotAfter.AddSeconds(1))),
    ];

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, s_cases.Length)];

    [Theory, MemberData(nameof(Cases))]
    public void What_breaks_a_rule_is_found_and_nothing_else(int number)
    {
        var test = s_cases[number];
        var certificate = From(test.IsRoot ? s_ca.RootDer : s_ca.IssuingDer);
        test.Spoil(certificate);
        var found = test.IsRoot
            ? CertificateLint.CheckRoot(certificate.Encode(), PolicyPreset.WebPki, s_now)
            : CertificateLint.CheckIssuing(certificate.Encode(), s_ca.Root, PolicyPreset.WebPki, s_now);
        Assert.Equal(test.Also.Append(test.Rule).Order(), found.Select(f => f.Rule).Order());
    }

    [Fact]
    public void Every_rule_has_a_case()
    {
        var rules = CaRules.Root.Concat(CaRules.Issuing).Select(r => r.Name);
        Assert.Empty(rules.Except(s_cases.Select(c => c.Rule)));
    }

    [Fact]
    public void An_issuing_ca_may_have_one_reserved_policy_and_own_ones()
    {
        var certificate = From(s_ca.IssuingDer);
        certificate.Replace(Policies, Der.Sequence(Der.Sequence(Der.Oid("2.23.140.1.2.1")), Der.Sequence(Der.Oid("1.3.6.1.4.1.99999.1"))));
        Assert.Empty(CertificateLint.CheckIssuing(certificate.Encode(), s_ca.Root, PolicyPreset.WebPki, s_now));
    }

    [Fact]
    public void A_flipped_bit_anywhere_never_makes_the_lints_throw()
    {
        for (var bit = 0; bit < s_ca.RootDer.Length * 8; bit++)
        {
            var spoiled = s_ca.RootDer.ToArray();
            spoiled[bit / 8] ^= (byte)(1 << (bit % 8));
            CertificateLint.CheckRoot(spoiled, PolicyPreset.WebPki, s_now);
        }
        for (var bit = 0; bit < s_ca.IssuingDer.Length * 8; bit++)
        {
            var spoiled = s_ca.IssuingDer.ToArray();
            spoiled[bit / 8] ^= (byte)(1 << (bit % 8));
            CertificateLint.CheckIssuing(spoiled, s_ca.Root, PolicyPreset.WebPki, s_now);
        }
    }

    [Fact]
    public void A_certificate_at_the_end_of_time_never_makes_the_lints_throw()
    {
        var certificate = From(s_ca.RootDer);
        certificate.NotBefore = Der.Text(0x18, "99991231235958Z");
        certificate.NotAfter = Der.Text(0x18, "99991231235959Z");
        Assert.Contains(CertificateLint.CheckRoot(certificate.Encode(), PolicyPreset.WebPki, s_now), f => f.Rule == "root_validity");
    }

    // A root issues itself, so its issuer changes with it.
    private static void Rename(MutableCertificate certificate, params (byte Tag, string Oid, string Text)[] attributes) =>
        certificate.Subject = certificate.Issuer =
            Der.Sequence([.. attributes.Select(a => Der.Set(Der.Sequence(Der.Oid(a.Oid), Der.Text(a.Tag, a.Text))))]);

    private sealed record Case(bool IsRoot, string Rule, Action<MutableCertificate> Spoil)
    {
        /// <summary>What cannot but be found as well.</summary>
        internal string[] Also { get; init; } = [];
    }
}
