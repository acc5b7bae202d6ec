using CaServer.Domain;
using CaServer.Pki.X509;
using static CaServer.Tests.Pki.X509.Ocsp.TestResponder;

namespace CaServer.Tests.Pki.X509.Ocsp;

/// <summary>What is read as a request, and what is answered with malformedRequest (RFC 6960 §4.1, RFC 9654).</summary>
public sealed class OcspRequestTests
{
    private const string UnknownOid = "1.3.6.1.4.1.55555.1";

    private static readonly SerialNumber s_serial = SerialNumber.Generate();

    private static readonly byte[] s_one = Items(Issuer.EncodeCertId(OcspHash.Sha1, s_serial));

    [Theory]
    [InlineData(OcspHash.Sha1)]
    [InlineData(OcspHash.Sha256)]
    public void A_request_names_the_issuer_by_either_hash(OcspHash hash)
    {
        var id = Issuer.EncodeCertId(hash, s_serial);
        Assert.True(OcspRequest.TryParse(Request(Items(id)), out var request));
        var asked = Assert.Single(request.Certificates);
        Assert.Equal(hash, asked.Hash);
        Assert.Equal(s_serial.Octets.ToArray(), asked.Serial.ToArray());
        Assert.Equal(id, asked.Der.ToArray());
        Assert.True(Issuer.IsNamedBy(asked));
        Assert.False(new OcspIssuer(TestCa.Shared.Root).IsNamedBy(asked));
        Assert.Null(request.NonceValue);
    }

    [Theory]
    [InlineData(OcspHash.Sha1)]
    [InlineData(OcspHash.Sha256)]
    public void A_plain_request_is_known_by_its_octets(OcspHash hash)
    {
        var plain = Request(Items(Issuer.EncodeCertId(hash, s_serial)));
        Assert.True(Issuer.IsPlainRequest(plain, out var found));
        Assert.Equal(hash, found);
        Assert.Equal(s_serial.Octets.ToArray(), plain[^SerialNumber.Length..]);
        Assert.False(Issuer.IsPlainRequest(Request(s_one, Nonce(16)), out _));
        Assert.False(Issuer.IsPlainRequest([], out _));
        // Each octet before the serial number counts, and the parser reads nothing else from it.
        for (var place = 0; place < plain.Length - SerialNumber.Length; place++)
        {
            var changed = (byte[])plain.Clone();
            changed[place]++;
            Assert.False(Issuer.IsPlainRequest(changed, out _));
        }
        Assert.True(OcspRequest.TryParse(plain, out var request));
        Assert.True(Issuer.IsNamedBy(request.Certificates[0]));
    }

    [Fact]
    public void A_hash_that_is_not_known_names_no_issuer_and_one_without_parameters_does()
    {
        var sha1 = Convert.ToHexStringLower(Issuer.EncodeCertId(OcspHash.Sha1, s_serial));
        // Without NULL two octets are fewer, also in what surrounds them.
        var bare = sha1.Replace("300906052b0e03021a0500", "300706052b0e03021a", StringComparison.Ordinal);
        bare = "30" + (Convert.FromHexString(bare).Length - 2).ToString("x2") + bare[4..];
        Assert.True(OcspRequest.TryParse(Request(Items(Convert.FromHexString(bare))), out var request));
        Assert.True(Issuer.IsNamedBy(request.Certificates[0]));

        var sha512 = sha1.Replace("06052b0e03021a", "06052b0e03021b", StringComparison.Ordinal);
        Assert.True(OcspRequest.TryParse(Request(Items(Convert.FromHexString(sha512))), out request));
        Assert.False(Issuer.IsNamedBy(request.Certificates[0]));
    }

    [Fact]
    public void Several_certificates_are_read_up_to_the_limit()
    {
        byte[][] Many(int count) => [.. Enumerable.Range(0, count).Select(_ => Issuer.EncodeCertId(OcspHash.Sha1, SerialNumber.Generate()))];
        Assert.True(OcspRequest.TryParse(Request(Items(Many(OcspRequest.MaxCertificates))), out var request));
        Assert.Equal(OcspRequest.MaxCertificates, request.Certificates.Count);
        Assert.False(OcspRequest.TryParse(Request(Items(Many(OcspRequest.MaxCertificates + 1))), out _));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(16, true)]
    [InlineData(32, true)]
    [InlineData(128, true)]
    [InlineData(0, false)]
    [InlineData(129, false)]
    public void A_nonce_has_1_to_128_octets(int length, bool isRead)
    {
        Assert.Equal(isRead, OcspRequest.TryParse(Request(s_one, Nonce(length)), out var request));
        Assert.Equal(isRead ? length : null, request?.NonceValue?.Length);
    }

    [Fact]
    public void A_nonce_is_an_octet_string_and_there_is_one()
    {
        Assert.False(OcspRequest.TryParse(Request(s_one, Extension("1.3.6.1.5.5.7.48.1.2", [1, 2, 3])), out _));
        Assert.False(OcspRequest.TryParse(Request(s_one, [.. Nonce(16), .. Nonce(16)]), out _));
    }

    [Fact]
    public void An_unknown_extension_is_ignored_unless_it_is_critical()
    {
        Assert.True(OcspRequest.TryParse(Request(s_one, Extension(UnknownOid, [5, 0])), out _));
        Assert.False(OcspRequest.TryParse(Request(s_one, Extension(UnknownOid, [5, 0], critical: true)), out _));
        // acceptableResponses is understood.
        Assert.True(OcspRequest.TryParse(Request(s_one, Extension("1.3.6.1.5.5.7.48.1.4", Wrap([0x06, 0x09, 0x2b, 6, 1, 5, 5, 7, 48, 1, 1]), critical: true)), out _));
    }

    [Fact]
    public void The_version_is_1_and_a_name_or_signature_of_the_requester_is_skipped()
    {
        Assert.True(OcspRequest.TryParse(Request(s_one, before: [0xa0, 3, 2, 1, 0]), out _));
        Assert.False(OcspRequest.TryParse(Request(s_one, before: [0xa0, 3, 2, 1, 1]), out _));
        Assert.True(OcspRequest.TryParse(Request(s_one, before: [0xa1, 3, 0x82, 1, (byte)'a']), out _));
        Assert.True(OcspRequest.TryParse(Request(s_one, after: [0xa0, 2, 0x30, 0]), out _));
        Assert.False(OcspRequest.TryParse(Request(s_one, after: [0xa1, 2, 0x30, 0]), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("3000")]
    [InlineData("30023000")]
    [InlineData("300430023000")]
    [InlineData("3080300030000000")]
    public void What_is_no_request_is_not_read(string hex) => Assert.False(OcspRequest.TryParse(Convert.FromHexString(hex), out _));

    [Fact]
    public void What_follows_a_request_or_is_cut_from_it_makes_it_unreadable()
    {
        var whole = Request(s_one, Nonce(16));
        Assert.False(OcspRequest.TryParse((byte[])[.. whole, 0], out _));
        for (var length = 0; length < whole.Length; length++)
            Assert.False(OcspRequest.TryParse(whole.AsMemory(0, length), out _));
        Assert.False(OcspRequest.TryParse(new byte[OcspRequest.MaxLength + 1], out _));
    }

    [Fact]
    public void No_changed_octet_makes_the_parser_fail()
    {
        var whole = Request(Items(Issuer.EncodeCertId(OcspHash.Sha1, s_serial), Issuer.EncodeCertId(OcspHash.Sha256, s_serial)), Nonce(32));
        for (var place = 0; place < whole.Length; place++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var changed = (byte[])whole.Clone();
                changed[place] ^= (byte)(1 << bit);
                if (OcspRequest.TryParse(changed, out var request))
                    Assert.NotEmpty(request.Certificates);
            }
        }
    }
}
