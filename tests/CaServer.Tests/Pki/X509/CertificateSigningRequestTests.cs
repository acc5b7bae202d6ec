using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.TestKit;

namespace CaServer.Tests.Pki.X509;

public sealed class CertificateSigningRequestTests
{
    private const string MustStaple = "1.3.6.1.5.5.7.1.24";
    private const string San = "2.5.29.17";
    private const string ExtensionRequest = "1.2.840.113549.1.9.14";

    private static readonly ECDsa s_key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Fact]
    public void Names_are_canonical_distinct_and_in_order_with_the_common_name_last()
    {
        var request = new CertificateRequest("CN=Last.example.com, O=Ignored", s_key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("WWW.example.com");
        names.AddDnsName("*.example.com");
        names.AddIpAddress(IPAddress.Parse("2001:DB8::1"));
        names.AddDnsName("www.example.com");
        names.AddIpAddress(IPAddress.Parse("10.0.0.1"));
        request.CertificateExtensions.Add(names.Build(critical: true));
        var csr = Good(request.CreateSigningRequest());
        Assert.Equal(["www.example.com", "*.example.com", "2001:db8::1", "10.0.0.1", "last.example.com"], csr.Names.Select(n => n.ToString()));
        Assert.Equal(s_key.ExportSubjectPublicKeyInfo(), csr.PublicKey.Der.ToArray());
    }

    [Fact]
    public void A_request_that_differs_in_one_octet_from_one_that_was_good_is_checked_anew()
    {
        var der = new TestCsr { CommonNames = ["example.com"], Names = null }.Sign();
        Good(der);
        der[^1] ^= 1;
        Assert.False(CertificateSigningRequest.TryParse(der, out _, out _));
        der[^1] ^= 1;
        Good(der);
    }

    [Fact]
    public void A_common_name_alone_is_a_name() => Assert.Equal([Identifier.Dns("example.com")], Good(new TestCsr { CommonNames = ["example.com"], Names = null }.Sign()).Names);

    [Fact]
    public void A_common_name_that_is_an_address_is_a_name() => Assert.Equal([Identifier.Ip("192.0.2.1")], Good(new TestCsr { CommonNames = ["192.0.2.1"], Names = null }.Sign()).Names);

    [Theory]
    [InlineData("SHA256")]
    [InlineData("SHA384")]
    [InlineData("SHA512")]
    public void Every_kind_of_key_with_every_hash_is_read(string hash)
    {
        foreach (var curve in new[] { ECCurve.NamedCurves.nistP256, ECCurve.NamedCurves.nistP384, ECCurve.NamedCurves.nistP521 })
        {
            using var key = ECDsa.Create(curve);
            Good(new CertificateRequest("CN=example.com", key, new HashAlgorithmName(hash)).CreateSigningRequest());
        }
        Good(new CertificateRequest("CN=example.com", TestKeys.RsaKey, new HashAlgorithmName(hash), RSASignaturePadding.Pkcs1).CreateSigningRequest());
    }

    [Theory]
    [InlineData("SHA256", "01", "20")]
    [InlineData("SHA384", "02", "30")]
    [InlineData("SHA512", "03", "40")]
    public void Pss_is_read_in_the_one_encoding_of_the_baseline_requirements(string hash, string oid, string salt)
    {
        Good(new TestCsr
        {
            PublicKey = TestKeys.Rsa2048.Der.ToArray(),
            Algorithm = Der.Hex(
                $"304106092a864886f70d01010a3034a00f300d06096086480165030402{oid}0500a11c301a06092a864886f70d010108300d06096086480165030402{oid}0500a2030201{salt}"),
            Signer = info => TestKeys.RsaKey.SignData(info, new HashAlgorithmName(hash), RSASignaturePadding.Pss),
        }.Sign());
        // .NET leaves the NULL parameters out.
        AssertRefused(
            new CertificateRequest("CN=example.com", TestKeys.RsaKey, new HashAlgorithmName(hash), RSASignaturePadding.Pss).CreateSigningRequest(),
            "signature algorithm");
    }

    [Fact]
    public void Other_requested_extensions_and_attributes_are_ignored()
    {
        var request = new CertificateRequest("", s_key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("example.com");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509Extension(MustStaple, Der.Hex("3003020105"), critical: false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.OtherRequestAttributes.Add(new AsnEncodedData("1.2.840.113549.1.9.7", Der.Text(0x0c, "challenge")));
        Assert.Equal([Identifier.Dns("example.com")], Good(request.CreateSigningRequest()).Names);
    }

    [Fact]
    public void Sha_1_is_refused()
    {
        var csr = new TestCsr
        {
            Algorithm = Der.Hex("300906072a8648ce3d0401"),
            Signer = info => s_key.SignData(info, HashAlgorithmName.SHA1, DSASignatureFormat.Rfc3279DerSequence),
        };
        AssertRefused(csr.Sign(), "signature algorithm");
        AssertRefused(new TestCsr { Algorithm = Der.Hex("300d06092a864886f70d0101050500") }.Sign(), "signature algorithm");
    }

    [Fact]
    public void A_signature_that_is_not_the_keys_is_refused()
    {
        var csr = new TestCsr().Sign();
        csr[^1] ^= 1;
        AssertRefused(csr, "does not verify");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        AssertRefused(new TestCsr { PublicKey = other.ExportSubjectPublicKeyInfo() }.Sign(), "does not verify");
        AssertRefused(new TestCsr { PublicKey = TestKeys.Rsa2048.Der.ToArray() }.Sign(), "does not verify");
    }

    [Fact]
    public void A_point_that_is_not_on_its_curve_is_refused()
    {
        var spki = s_key.ExportSubjectPublicKeyInfo();
        spki[^1] ^= 1;
        AssertRefused(new TestCsr { PublicKey = spki }.Sign(), "does not verify");
    }

    [Fact]
    public void Keys_of_other_kinds_are_refused()
    {
        using var koblitz = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        AssertRefused(new TestCsr { PublicKey = koblitz.ExportSubjectPublicKeyInfo() }.Sign(), "not supported");
        AssertRefused(new TestCsr { PublicKey = Der.Hex("302a300506032b6570032100" + new string('1', 64)) }.Sign(), "not supported");
    }

    [Theory]
    [InlineData("John Doe")]
    [InlineData("under_score.example.com")]
    [InlineData("http://example.com")]
    public void A_common_name_that_is_no_name_is_refused(string text) =>
        AssertRefused(new TestCsr { CommonNames = [text] }.Sign(), "common name");

    [Theory]
    [InlineData("www.example.com.", "dot")]
    [InlineData("under_score.example.com", "_")]
    [InlineData("", "empty")]
    [InlineData("a..example.com", "empty label")]
    [InlineData("10.0.0.1", "digits")]
    [InlineData("a.*.example.com", "asterisk")]
    public void A_dns_name_that_is_none_is_refused(string name, string expected) =>
        AssertRefused(new TestCsr { Names = [Der.Text(0x82, name)] }.Sign(), expected);

    [Fact]
    public void A_name_is_shown_without_control_characters_and_not_at_any_length()
    {
        AssertRefused(new TestCsr { Names = [Der.Text(0x82, "a\nb.example")] }.Sign(), "'a?b.example'");
        Assert.False(CertificateSigningRequest.TryParse(new TestCsr { Names = [Der.Text(0x82, new string('a', 5000))] }.Sign(), out _, out var fault));
        Assert.True(fault!.Length < 400);
    }

    [Fact]
    public void Names_of_other_types_are_refused()
    {
        AssertRefused(new TestCsr { Names = [Der.Text(0x81, "a@example.com")] }.Sign(), "neither a DNS name nor an IP address");
        AssertRefused(new TestCsr { Names = [Der.Text(0x82, "example.com"), Der.Url("http://example.com")] }.Sign(), "neither a DNS name nor an IP address");
        AssertRefused(new TestCsr { Names = [Der.Hex("8705 0102030405")] }.Sign(), "neither 4 nor 16");
        AssertRefused(new TestCsr { Names = [Der.Hex("8710 00000000000000000000ffff0a000001")] }.Sign(), "IPv4");
    }

    [Fact]
    public void A_request_without_names_is_refused()
    {
        AssertRefused(new TestCsr { Names = null }.Sign(), "no names");
        AssertRefused(new TestCsr { Names = [] }.Sign(), "no names");
    }

    [Fact]
    public void Another_version_is_refused() => AssertRefused(new TestCsr { Version = Der.Hex("020101") }.Sign(), "version");

    [Fact]
    public void Repeated_requests_for_extensions_or_names_are_refused()
    {
        var san = Der.Sequence(Der.Oid(San), Der.OctetString(Der.Sequence(Der.Text(0x82, "example.com"))));
        var attribute = Der.Sequence(Der.Oid(ExtensionRequest), Der.Set(Der.Sequence(san)));
        AssertRefused(new TestCsr { Attributes = Der.Tlv(0xa0, attribute, attribute) }.Sign(), "extensionRequest");
        AssertRefused(new TestCsr { Attributes = Der.Tlv(0xa0, Der.Sequence(Der.Oid(ExtensionRequest), Der.Set(Der.Sequence(san, san)))) }.Sign(), "subjectAltName");
    }

    [Fact]
    public void Sizes_are_bounded()
    {
        AssertRefused(new byte[CertificateSigningRequest.MaxLength + 1], "longer");
        var names = Enumerable.Range(0, CertificateSigningRequest.MaxNames).Select(i => Der.Text(0x82, $"n{i}.example")).ToList();
        Assert.Equal(CertificateSigningRequest.MaxNames, Good(new TestCsr { Names = [.. names] }.Sign()).Names.Count);
        AssertRefused(new TestCsr { Names = [.. names, names[0]] }.Sign(), "1000 names");
        var attribute = Der.Sequence(Der.Oid("1.2.3"), Der.Set(Der.Hex("0500")));
        AssertRefused(new TestCsr { Attributes = Der.Tlv(0xa0, [.. Enumerable.Repeat(attribute, 33)]) }.Sign(), "attributes");
        var extension = Der.Sequence(Der.Oid("1.2.3"), Der.OctetString([]));
        AssertRefused(new TestCsr { Attributes = Der.Tlv(0xa0, Der.Sequence(Der.Oid(ExtensionRequest), Der.Set(Der.Sequence([.. Enumerable.Repeat(extension, 65)])))) }.Sign(), "extensions");
        AssertRefused(new TestCsr { CommonNames = [.. Enumerable.Repeat("example.com", 65)] }.Sign(), "subject");
    }

    [Fact]
    public void What_is_not_der_is_refused()
    {
        var csr = new TestCsr().Sign();
        AssertRefused([], "not a DER");
        AssertRefused(csr[..^1], "not a DER");
        AssertRefused([.. csr, 0], "not a DER");
        AssertRefused("-----BEGIN CERTIFICATE REQUEST-----"u8.ToArray(), "not a DER");
    }

    [Theory]
    [InlineData("rsa-fermat.csr")]
    [InlineData("defect/invalidver.csr")]
    [InlineData("unsupported/gost.csr")]
    public void Odd_samples_are_read_or_refused_in_words(string file)
    {
        var text = File.ReadAllText(Vectors.Path("badkeys-keys/" + file));
        var der = Convert.FromBase64String(text[PemEncoding.Find(text).Base64Data]);
        Assert.True(CertificateSigningRequest.TryParse(der, out var csr, out var fault) ? KeyChecks.Fault(csr.PublicKey, KeyPolicy.Default) is not null : fault.EndsWith('.'));
    }

    [Fact]
    public void A_flipped_bit_is_always_refused_and_never_throws()
    {
        var csr = new TestCsr().Sign();
        for (var bit = 0; bit < csr.Length * 8; bit++)
        {
            var spoiled = csr.ToArray();
            spoiled[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(CertificateSigningRequest.TryParse(spoiled, out _, out var fault), $"bit {bit}");
            Assert.NotEmpty(fault!);
        }
    }

    private static CertificateSigningRequest Good(byte[] der)
    {
        Assert.True(CertificateSigningRequest.TryParse(der, out var csr, out var fault), fault);
        return csr;
    }

    private static void AssertRefused(byte[] der, string part)
    {
        Assert.False(CertificateSigningRequest.TryParse(der, out var csr, out var fault));
        Assert.Null(csr);
        Assert.Contains(part, fault, StringComparison.Ordinal);
    }

    /// <summary>A request in pieces, signed with a P-256 key unless it says otherwise.</summary>
    private sealed class TestCsr
    {
        internal byte[] Version { get; init; } = Der.Hex("020100");

        internal string[] CommonNames { get; init; } = [];

        internal byte[] PublicKey { get; init; } = s_key.ExportSubjectPublicKeyInfo();

        /// <summary>GeneralNames; null for no subjectAltName at all.</summary>
        internal byte[][]? Names { get; init; } = [Der.Text(0x82, "www.example.com")];

        internal byte[]? Attributes { get; init; }

        internal byte[] Algorithm { get; init; } = Der.Hex("300a06082a8648ce3d040302");

        internal Func<byte[], byte[]> Signer { get; init; } =
            info => s_key.SignData(info, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

        internal byte[] Sign()
        {
            var subject = Der.Sequence([.. CommonNames.Select(n => Der.Set(Der.Sequence(Der.Oid("2.5.4.3"), Der.Text(0x0c, n))))]);
            var extensions = Names is null ? [] : Der.Sequence(Der.Sequence(Der.Oid(San), Der.OctetString(Der.Sequence(Names))));
            var attributes = Attributes
                ?? (Names is null ? Der.Hex("a000") : Der.Tlv(0xa0, Der.Sequence(Der.Oid(ExtensionRequest), Der.Set(extensions))));
            var info = Der.Sequence(Version, subject, PublicKey, attributes);
            return Der.Sequence(info, Algorithm, Der.Tlv(0x03, [0], Signer(info)));
        }
    }
}
