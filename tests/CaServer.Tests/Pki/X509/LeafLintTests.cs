using CaServer.Pki.X509;
using static CaServer.Tests.Pki.X509.MutableCertificate;

namespace CaServer.Tests.Pki.X509;

/// <summary>For each lint a certificate that breaks it, and, as far as that can be, nothing else.</summary>
public sealed class LeafLintTests
{
    private static readonly TestCa s_ca = TestCa.Shared;
    private static readonly DateTimeOffset s_now = s_ca.Now;
    private static readonly byte[] s_rsaKey = TestKeys.Rsa2048.Der.ToArray();

    private static readonly Case[] s_cases =
    [
        // Form.
        new("not_der", c => c.Replace(Eku, "30 81 0a 06 08 2b 06 01 05 05 07 03 01")) { Also = ["eku_without_server_auth", "eku_other_purpose"] },
        new("not_der", c => c.Subject = Der.Sequence(Der.Set(Der.Sequence(Der.Oid("2.5.4.3"), Der.Text(0x13, "www.example.com"))), Der.Set(Der.Sequence(Der.Oid("2.5.4.6"), Der.Text(0x13, "D*")))))
        { Also = ["subject_attribute_form", "subject_attribute_not_permitted", "common_name_not_in_profile", "common_name_not_recommended", "common_name_not_in_san", "san_criticality"] },
        new("not_der", c => c.Replace(KeyUsage, "03 02 07 81")) { Also = ["key_usage_form", "key_usage_not_permitted", "key_usage_without_signature"] },
        new("version_not_3", c => c.Version = Der.Hex("a003020101")),
        new("version_not_3", c => c.Version = []),
        new("serial_not_positive", c => c.Serial = Der.Hex("0210 80000000000000000000000000000001")),
        new("serial_not_positive", c => c.Serial = Der.Hex("020100")) { Also = ["serial_length"] },
        new("serial_length", c => c.Serial = Der.Hex("0207 01020304050607")),
        new("serial_length", c => c.Serial = Der.Hex("0215 400000000000000000000000000000000000000001")),
        new("signature_algorithms_differ", c => c.OuterAlgorithm = Der.Hex("300a06082a8648ce3d040303")),
        new("signature_algorithm_not_permitted", c => c.InnerAlgorithm = c.OuterAlgorithm = Der.Hex("300a06082a8648ce3d040303")),
        new("signature_algorithm_not_permitted", c => c.InnerAlgorithm = c.OuterAlgorithm = Der.Hex("300c06082a8648ce3d0403020500")),
        new("signature_algorithm_not_permitted", c => c.InnerAlgorithm = c.OuterAlgorithm = Der.Hex("300906072a8648ce3d0401")),
        new("issuer_differs", c => c.Issuer = s_ca.RootContents.Subject.Der.ToArray()),
        new("validity_encoding", c => c.NotAfter = Der.GeneralizedTime(s_now.AddDays(30))),
        new("validity_reversed", c => c.NotAfter = Der.UtcTime(s_now.AddHours(-2))),
        new("validity_outside_issuer", c => c.NotBefore = Der.UtcTime(s_ca.Issuer.NotBefore.AddSeconds(-1))) { Also = ["validity_longer_than_profile"] },
        new("unique_id", c => c.UniqueIds = Der.Hex("81020000")),
        new("public_key_algorithm", c => c.PublicKey = Der.Hex("302a300506032b6570032100" + new string('1', 64))) { Also = ["key_not_in_profile"] },
        new("extension_repeated", c => c.Extensions.Add(c.Find(Eku))),
        new("extension_default_encoded", c => c.Change(Eku, e => e with { Critical = Der.Hex("010100") })),

        // Times.
        new("not_before_far_from_signing", c => { c.NotBefore = Der.UtcTime(s_now.AddHours(48).AddSeconds(1)); }),
        new("validity_too_long", c => c.NotAfter = Der.UtcTime(s_now.AddHours(-1).AddDays(200))) { Profile = TestCa.Dv(o => o.Validity = TimeSpan.FromDays(200)), Also = ["validity_longer_than_profile"] },
        new("validity_not_recommended", c => c.NotAfter = Der.UtcTime(s_now.AddHours(-1).AddDays(200).AddSeconds(-1))) { Profile = TestCa.Dv(o => o.Validity = TimeSpan.FromDays(200)) },
        new("validity_longer_than_profile", c => c.NotAfter = Der.UtcTime(s_now.AddHours(-1).AddDays(90))),

        // Subject and key.
        new("key_not_in_profile", c => c.PublicKey = TestKeys.P384.Der.ToArray()) { Profile = TestCa.Dv(o => o.KeyTypes.Add(KeyKind.P256)) },
        new("key_not_in_profile", c => c.PublicKey = s_rsaKey) { Profile = TestCa.Dv(o => o.MinRsaBits = 3072) },
        new("subject_attribute_not_permitted", c => c.Subject = Name((0x0c, "2.5.4.10", "Example"))) { Also = ["san_criticality"] },
        new("subject_attribute_form", c => c.Subject = Name((0x16, "2.5.4.3", "www.example.com"))) { Also = ["common_name_not_in_profile", "common_name_not_recommended", "san_criticality"] },
        new("subject_attribute_form", c => c.Subject = Name((0x0c, "2.5.4.3", "www.example.com"), (0x0c, "2.5.4.3", "www.example.com"))) { Also = ["common_name_not_in_profile", "common_name_not_recommended", "san_criticality"] },
        new("subject_attribute_form", c => c.Subject = Der.Sequence(Der.Set(Attribute(0x0c, "2.5.4.3", "*.example.com"), Attribute(0x0c, "2.5.4.3", "www.example.com"))))
        { Also = ["common_name_not_in_profile", "common_name_not_recommended", "san_criticality"] },
        new("common_name_not_in_profile", WithCommonName("www.example.com")) { Also = ["common_name_not_recommended"] },
        new("common_name_not_recommended", WithCommonName("www.example.com")) { Profile = TestCa.Dv(o => o.CommonName = true) },
        new("common_name_not_in_san", WithCommonName("example.com")) { Profile = TestCa.Dv(o => o.CommonName = true), Also = ["common_name_not_recommended"] },
        new("common_name_not_in_san", WithCommonName("WWW.example.com")) { Profile = TestCa.Dv(o => o.CommonName = true), Also = ["common_name_not_recommended"] },

        // Extensions as a set.
        new("extension_missing", c => c.Remove(Aki)),
        new("extension_missing", c => c.Remove(San)),
        new("extension_missing", c => c.Remove(Policies)) { Also = ["policy_not_one_reserved"] },
        new("extension_missing", c => c.Remove(Eku)),
        new("extension_missing", c => c.Remove(Aia)) { Also = ["aia_ca_issuers_missing"] },
        new("extension_not_in_profile", c => c.Add("2.5.29.30", Der.Hex("3000"))),
        new("extension_not_in_profile", c => c.Add(Ski, Der.OctetString([1, 2, 3]))),
        new("extension_criticality", c => c.Change(KeyUsage, e => e with { Critical = [] })),
        new("extension_criticality", c => c.Change(BasicConstraints, e => e with { Critical = [] })),
        new("extension_criticality", c => c.Change(Eku, e => e with { Critical = MutableExtension.True })),
        new("san_criticality", c => c.Change(San, e => e with { Critical = [] })),

        // Access to the issuer.
        new("aia_form", c => c.Replace(Aia, Der.Sequence(Access("1.3.6.1.5.5.7.48.2", Der.Url("https://status.example/ca.der"))))),
        new("aia_form", c => c.Replace(Aia, Der.Sequence(Access("1.3.6.1.5.5.7.48.2", Der.Text(0x82, "status.example"))))),
        new("aia_form", c => c.Replace(Aia, Der.Sequence(Access("1.3.6.1.5.5.7.48.2", Der.Url("http://a.example/")), Access("1.3.6.1.5.5.7.48.3", Der.Url("http://a.example/"))))),
        new("aia_form", c => c.Replace(Aia, Der.Sequence(Access("1.3.6.1.5.5.7.48.2", Der.Url("http://a.example/")), Access("1.3.6.1.5.5.7.48.2", Der.Url("http://a.example/"))))),
        new("aia_form", c => c.Replace(Aia, "3000")) { Also = ["aia_ca_issuers_missing"] },
        new("aia_ca_issuers_missing", c => c.Replace(Aia, Der.Sequence(Access("1.3.6.1.5.5.7.48.1", Der.Url("http://status.example/ocsp"))))),
        new("aki_form", c => c.Replace(Aki, "3003 8001 00")),
        new("aki_form", c => c.Replace(Aki, Der.Sequence(Der.Tlv(0x80, s_ca.Issuer.SubjectKeyIdentifier.ToArray()), Der.Hex("820101")))),
        new("aki_form", c => c.Replace(Aki, "3000")),
        new("crl_distribution_point_form", c => c.Replace(Cdp, Der.Sequence(Point("https://status.example/crl")))),
        new("crl_distribution_point_form", c => c.Replace(Cdp, Der.Sequence(Point("http://a.example/1.crl"), Point("http://a.example/2.crl")))),
        new("crl_distribution_point_form", c => c.Replace(Cdp, Der.Sequence(Der.Sequence(Der.Tlv(0xa0, Der.Tlv(0xa0, Der.Url("http://a.example/1.crl"))), Der.Hex("81020640"))))),
        new("crl_distribution_point_form", c => c.Replace(Cdp, Der.Sequence(Der.Sequence(Der.Tlv(0xa0, Der.Tlv(0xa0, Der.Url("http://a.example/1.crl"), Der.Url("http://b.example/1.crl"))))))),
        new("no_revocation_status", c => c.Remove(Cdp)),

        // Policies and purposes.
        new("policy_any", c => c.Replace(Policies, Der.Sequence(Der.Sequence(Der.Oid("2.23.140.1.2.1")), Der.Sequence(Der.Oid("2.5.29.32.0"))))) { Also = ["policy_not_profiles"] },
        new("policy_not_one_reserved", c => c.Replace(Policies, Der.Sequence(Der.Sequence(Der.Oid("2.23.140.1.2.1")), Der.Sequence(Der.Oid("2.23.140.1.2.2"))))) { Also = ["policy_not_profiles"] },
        new("policy_not_one_reserved", c => c.Replace(Policies, Der.Sequence(Der.Sequence(Der.Oid("1.2.3")), Der.Sequence(Der.Oid("2.23.140.1.2.1"))))) { Also = ["policy_not_profiles"] },
        new("policy_not_profiles", c => c.Replace(Policies, Der.Sequence(Der.Sequence(Der.Oid("2.23.140.1.2.2"))))),
        new("policy_qualifiers", c => c.Replace(Policies, Der.Sequence(Der.Sequence(Der.Oid("2.23.140.1.2.1"), Der.Sequence(Der.Sequence(Der.Oid("1.3.6.1.5.5.7.2.1"), Der.Text(0x16, "http://a.example"))))))),
        new("eku_without_server_auth", c => c.Replace(Eku, Der.Sequence(Der.Oid("1.3.6.1.5.5.7.3.2")))) { Also = ["eku_other_purpose"] },
        new("eku_other_purpose", c => c.Replace(Eku, Der.Sequence(Der.Oid("1.3.6.1.5.5.7.3.1"), Der.Oid("1.3.6.1.5.5.7.3.2")))),
        new("key_usage_form", c => c.Replace(KeyUsage, "03 02 00 80")),
        new("key_usage_missing", c => c.Remove(KeyUsage)),
        new("key_usage_not_permitted", c => c.Replace(KeyUsage, "03 02 05 a0")),
        new("key_usage_not_permitted", c => { c.PublicKey = s_rsaKey; c.Replace(KeyUsage, "03 02 02 84"); }),
        new("key_usage_without_signature", c => { c.PublicKey = s_rsaKey; c.Replace(KeyUsage, "03 02 05 20"); }),
        new("basic_constraints_not_empty", c => c.Replace(BasicConstraints, "3003 0101ff")),
        new("basic_constraints_not_empty", c => c.Replace(BasicConstraints, "3003 010100")),

        // Names.
        new("san_empty", c => c.Names()),
        new("san_type", c => c.Names(Der.Text(0x82, "www.example.com"), Der.Url("http://www.example.com/"))),
        new("san_type", c => c.Names(Der.Text(0x81, "a@example.com"))),
        new("san_dns_name_form", c => c.DnsNames("under_score.example.com")),
        new("san_dns_name_form", c => c.DnsNames("www.example.com.")),
        new("san_dns_name_form", c => c.DnsNames("www.*.example.com")),
        new("san_dns_name_form", c => c.DnsNames("w*.example.com")),
        new("san_dns_name_form", c => c.DnsNames("1.1.1.1")),
        new("san_dns_name_form", c => c.DnsNames("-www.example.com")),
        new("san_dns_name_form", c => c.DnsNames(new string('a', 64) + ".example.com")),
        new("san_dns_name_upper_case", c => c.DnsNames("WWW.example.com")),
        new("san_a_label", c => c.DnsNames("xn--999999999.example.com")),
        new("san_a_label", c => c.DnsNames("ab--cd.example.com")),
        new("san_internal_name", c => c.DnsNames("server")),
        new("san_internal_name", c => c.DnsNames("1.0.0.10.in-addr.arpa")),
        new("san_internal_name", c => c.DnsNames("printer.local")),
        new("san_ip_address_form", c => c.Names(Der.Hex("8705 0101010101"))),
        new("san_reserved_address", c => c.Names(Der.Hex("8704 0a000001"))),
        new("san_reserved_address", c => c.Names(Der.Hex("8710 fd000000000000000000000000000001"))),
        new("san_repeated", c => c.DnsNames("www.example.com", "www.example.com")),
    ];

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, s_cases.Length)];

    [Theory, MemberData(nameof(Cases))]
    public void What_breaks_a_rule_is_found_and_nothing_else(int number)
    {
        var test = s_cases[number];
        var certificate = From(s_ca.Leaf(s_ca.Contents()));
        test.Spoil(certificate);
        var found = CertificateLint.Check(certificate.Encode(), s_ca.Issuer, test.Profile ?? TestCa.Dv(), s_now);
        Assert.Equal(test.Expected, found.Select(f => f.Rule).Order());
        Assert.All(found, f => Assert.NotEmpty(f.Detail));
    }

    [Fact]
    public void Every_rule_has_a_case()
    {
        var rules = CommonRules.All.Concat(LeafRules.All).Concat(SubjectAltNameRules.All).Select(r => r.Name).ToList();
        Assert.Equal(rules.Order(), rules.Distinct().Order());
        Assert.Empty(rules.Except(s_cases.Select(c => c.Rule)));
    }

    [Fact]
    public void A_certificate_that_is_not_spoiled_has_no_findings() =>
        Assert.Empty(CertificateLint.Check(From(s_ca.Leaf(s_ca.Contents())).Encode(), s_ca.Issuer, TestCa.Dv(), s_now));

    [Fact]
    public void What_is_no_certificate_is_said_to_be_none()
    {
        var certificate = s_ca.Leaf(s_ca.Contents());
        foreach (var octets in new[] { [], [0x30, 0x00], certificate[..^1], [.. certificate, 0x00] })
            Assert.Equal(["not_a_certificate"], CertificateLint.Check(octets, s_ca.Issuer, TestCa.Dv(), s_now).Select(f => f.Rule));
        var spoiled = From(certificate);
        spoiled.Change(KeyUsage, e => e with { Critical = Der.Hex("010101") });
        Assert.Equal(["not_a_certificate"], CertificateLint.Check(spoiled.Encode(), s_ca.Issuer, TestCa.Dv(), s_now).Select(f => f.Rule));
    }

    [Fact]
    public void A_flipped_bit_anywhere_never_makes_the_lints_throw()
    {
        var certificate = s_ca.Leaf(s_ca.Contents());
        for (var bit = 0; bit < certificate.Length * 8; bit++)
        {
            var spoiled = certificate.ToArray();
            spoiled[bit / 8] ^= (byte)(1 << (bit % 8));
            CertificateLint.Check(spoiled, s_ca.Issuer, TestCa.Dv(), s_now);
        }
    }

    private static Action<MutableCertificate> WithCommonName(string name) => c =>
    {
        c.Subject = Name((0x0c, "2.5.4.3", name));
        c.Change(San, e => e with { Critical = [] });
    };

    private static byte[] Name(params (byte Tag, string Oid, string Text)[] attributes) =>
        Der.Sequence([.. attributes.Select(a => Der.Set(Attribute(a.Tag, a.Oid, a.Text)))]);

    private static byte[] Attribute(byte tag, string oid, string text) => Der.Sequence(Der.Oid(oid), Der.Text(tag, text));

    private static byte[] Access(string method, byte[] location) => Der.Sequence(Der.Oid(method), location);

    private static byte[] Point(string url) => Der.Sequence(Der.Tlv(0xa0, Der.Tlv(0xa0, Der.Url(url))));

    private sealed record Case(string Rule, Action<MutableCertificate> Spoil)
    {
        /// <summary>What cannot but be found as well.</summary>
        internal string[] Also { get; init; } = [];

        internal CertificateProfile? Profile { get; init; }

        internal IEnumerable<string> Expected => Also.Append(Rule).Order();
    }
}
