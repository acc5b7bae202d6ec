using CaServer.Domain;
using CaServer.Pki.X509;
using static CaServer.Tests.Pki.X509.MutableCertificate;

namespace CaServer.Tests.Pki.X509;

/// <summary>Octets that the rules fix, compared with what we write.</summary>
public sealed class GoldenDerTests
{
    private static readonly TestCa s_ca = TestCa.Shared;

    [Fact]
    public void Algorithm_identifiers_are_those_of_the_baseline_requirements()
    {
        Assert.Equal("300a06082a8648ce3d040302", Hex(SignatureAlgorithm.OfIssuer(KeyKind.P256).Der));
        Assert.Equal("300a06082a8648ce3d040303", Hex(SignatureAlgorithm.OfIssuer(KeyKind.P384).Der));
        Assert.Equal("300a06082a8648ce3d040304", Hex(SignatureAlgorithm.OfIssuer(KeyKind.P521).Der));
        Assert.Equal("300d06092a864886f70d01010b0500", Hex(SignatureAlgorithm.OfIssuer(KeyKind.Rsa).Der));
        foreach (var (hash, salt) in new[] { ("01", "20"), ("02", "30"), ("03", "40") })
        {
            Assert.NotNull(SignatureAlgorithm.Find(Der.Hex(
                $"304106092a864886f70d01010a3034a00f300d06096086480165030402{hash}0500a11c301a06092a864886f70d010108300d06096086480165030402{hash}0500a2030201{salt}")));
        }
        Assert.Null(SignatureAlgorithm.Find(Der.Hex("300d06092a864886f70d0101050500")));
        Assert.Null(SignatureAlgorithm.Find(Der.Hex("300c06082a8648ce3d0403020500")));
    }

    [Fact]
    public void Public_keys_have_exactly_the_permitted_algorithm_identifiers()
    {
        Assert.Equal("300d06092a864886f70d0101010500", Hex(TestKeys.Rsa2048.Der)[8..38]);
        Assert.StartsWith("3059" + "301306072a8648ce3d020106082a8648ce3d030107", Hex(TestKeys.P256.Der), StringComparison.Ordinal);
        Assert.StartsWith("3076" + "301006072a8648ce3d020106052b81040022", Hex(TestKeys.P384.Der), StringComparison.Ordinal);
        Assert.StartsWith("30819b" + "301006072a8648ce3d020106052b81040023", Hex(TestKeys.P521.Der), StringComparison.Ordinal);
    }

    [Fact]
    public void A_leaf_has_these_extensions_in_this_order()
    {
        var leaf = From(s_ca.Leaf(s_ca.Contents(names: [Identifier.Dns("*.example.com"), Identifier.Ip("192.0.2.1")]) with { OcspUrl = "http://o.example" }));
        var keyIdentifier = Hex(s_ca.Issuer.SubjectKeyIdentifier);
        Assert.Equal(
            [
                "300e0603551d0f0101ff040403020780",
                "30130603551d25040c300a06082b06010505070301",
                "300c0603551d130101ff04023000",
                "301f0603551d23041830168014" + keyIdentifier,
                "305e06082b060105050701010452305030" + "1c06082b060105050730018610" + Ascii("http://o.example") + "3030" + "06082b060105050730028624" + Ascii(TestCa.CaIssuersUrl),
                "30210603551d110101ff04173015820d" + Ascii("*.example.com") + "8704c0000201",
                "30130603551d20040c300a3008060667810c010201",
                "30380603551d1f0431302f302da02ba0298627" + Ascii(TestCa.CrlUrl),
            ],
            leaf.Extensions.Select(e => Hex(e.Encode())));
        Assert.Equal("a003020102", Hex(leaf.Version));
        Assert.Equal("3000", Hex(leaf.Subject));
    }

    [Fact]
    public void The_key_usage_of_an_rsa_leaf_has_key_encipherment() =>
        Assert.Equal("300e0603551d0f0101ff0404030205a0", Hex(From(s_ca.Leaf(s_ca.Contents(key: TestKeys.Rsa2048))).Find(KeyUsage).Encode()));

    [Fact]
    public void The_subject_alternative_name_is_critical_only_if_the_subject_is_empty()
    {
        var leaf = From(s_ca.Leaf(s_ca.Contents(TestCa.Dv(o => o.CommonName = true))));
        Assert.Empty(leaf.Find(San).Critical);
        Assert.Equal("301a311830160603550403" + "0c0f" + Ascii("www.example.com"), Hex(leaf.Subject));
    }

    [Fact]
    public void A_name_too_long_for_a_common_name_leaves_the_place_to_the_next()
    {
        var profile = TestCa.Dv(o => o.CommonName = true);
        var longName = Identifier.Dns(new string('a', 60) + ".example.com");
        var leaf = From(s_ca.Leaf(s_ca.Contents(profile, names: [longName, Identifier.Ip("2606:4700::1")])));
        Assert.EndsWith(Ascii("2606:4700::1"), Hex(leaf.Subject), StringComparison.Ordinal);
        leaf = From(s_ca.Leaf(s_ca.Contents(profile, names: longName)));
        Assert.Equal("3000", Hex(leaf.Subject));
        Assert.NotEmpty(leaf.Find(San).Critical);
    }

    [Fact]
    public void Times_are_utc_time_to_the_end_of_2049_and_generalized_time_from_then()
    {
        var contents = s_ca.RootContents with { NotBefore = At("2035-01-01T00:00:00Z"), NotAfter = At("2049-12-31T23:59:59Z") };
        Assert.Contains("301e" + "170d" + Ascii("350101000000Z") + "170d" + Ascii("491231235959Z"), RootHex(contents), StringComparison.Ordinal);
        contents = contents with { NotAfter = At("2050-01-01T00:00:00Z") };
        Assert.Contains("3020" + "170d" + Ascii("350101000000Z") + "180f" + Ascii("20500101000000Z"), RootHex(contents), StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_has_these_extensions_and_names_in_order()
    {
        var root = From(s_ca.RootDer);
        var keyIdentifier = Hex(s_ca.Root.SubjectKeyIdentifier);
        Assert.Equal(
            [
                "300f0603551d130101ff040530030101ff",
                "300e0603551d0f0101ff040403020106",
                "301d0603551d0e04160414" + keyIdentifier,
                "301f0603551d23041830168014" + keyIdentifier,
            ],
            root.Extensions.Select(e => Hex(e.Encode())));
        Assert.Equal(
            "303f310b3009060355040613" + "02434e" + "31163014060355040a0c0d" + Ascii("Example Trust") + "3118301606035504030c0f" + Ascii("Example Root R1"),
            Hex(root.Subject));
    }

    [Fact]
    public void An_issuing_ca_has_these_extensions_in_this_order()
    {
        var issuing = From(s_ca.IssuingDer);
        Assert.Equal([BasicConstraints, KeyUsage, Eku, Ski, Aki, Aia, Policies, Cdp], issuing.Extensions.Select(e => e.Oid));
        Assert.Equal("30120603551d130101ff040830060101ff020100", Hex(issuing.Find(BasicConstraints).Encode()));
        Assert.Equal("30110603551d20040a300830060604551d2000", Hex(issuing.Find(Policies).Encode()));
        Assert.Equal(s_ca.Root.SubjectKeyIdentifier.ToArray(), issuing.Find(Aki).Value[4..]);
    }

    private static string RootHex(RootContents contents) =>
        Hex(CaCertificate.EncodeRootTbs(contents, s_ca.Root.SignatureAlgorithm.Der.Span));

    private static string Hex(ReadOnlyMemory<byte> octets) => Convert.ToHexStringLower(octets.Span);

    private static string Ascii(string text) => Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(text));

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text);
}
