using System.Security.Cryptography;
using System.Text;
using CaServer.Domain;
using CaServer.Pki.X509;
using static CaServer.Tests.Pki.X509.Ocsp.TestResponder;

namespace CaServer.Tests.Pki.X509.Ocsp;

/// <summary>The octets of responses (RFC 6960 §4.2).</summary>
public sealed class OcspResponseTests
{
    private static readonly TestResponder s_responder = Shared;

    [Fact]
    public void Errors_have_no_body()
    {
        Assert.Equal("30030a0101", Hex(OcspResponse.MalformedRequest));
        Assert.Equal("30030a0102", Hex(OcspResponse.InternalError));
        Assert.Equal("30030a0103", Hex(OcspResponse.TryLater));
        Assert.Equal("30030a0106", Hex(OcspResponse.Unauthorized));
    }

    [Fact]
    public void What_is_signed_has_exactly_these_octets()
    {
        var serial = SerialNumber.Generate();
        var tbs = OcspResponse.EncodeTbs(
            [
                Single() with { CertId = Issuer.EncodeCertId(OcspHash.Sha1, serial) },
                Single(OcspStatus.Revoked, RevocationReason.KeyCompromise) with { CertId = Issuer.EncodeCertId(OcspHash.Sha256, serial) },
                Single(OcspStatus.Revoked) with { CertId = Issuer.EncodeCertId(OcspHash.Sha1, serial) },
                Single(OcspStatus.Unknown) with { CertId = Issuer.EncodeCertId(OcspHash.Sha1, serial) },
            ],
            OcspIssuer.KeyHash(s_responder.Contents.Key), Now, new byte[] { 1, 2, 3 });
        var name = TestCa.Shared.Issuer.SubjectDer.Span;
        var key = KeyBits(TestCa.Shared.Issuer.PublicKey);
#pragma warning disable CA5350 // As OCSP wants it.
        var sha1 = "3049" + "300906052b0e03021a0500" + "0414" + Hex(SHA1.HashData(name)) + "0414" + Hex(SHA1.HashData(key)) + "0210" + serial;
        var responder = Hex(SHA1.HashData(KeyBits(s_responder.Contents.Key)));
#pragma warning restore CA5350
        var sha256 = "3065" + "300d06096086480165030402010500" + "0420" + Hex(SHA256.HashData(name)) + "0420" + Hex(SHA256.HashData(key)) + "0210" + serial;
        const string Now0 = "20261123120000Z", Next = "20261127120000Z", Revoked = "20261123115700Z";
        var times = Time(Now0) + "a011" + Time(Next);
        var singles = "30" + Length(sha1, "8000", times) + sha1 + "8000" + times
            + "30" + Length(sha256, "a116" + Time(Revoked) + "a0030a0101", times) + sha256 + "a116" + Time(Revoked) + "a0030a0101" + times
            + "30" + Length(sha1, "a111" + Time(Revoked), times) + sha1 + "a111" + Time(Revoked) + times
            + "30" + Length(sha1, "8200", times) + sha1 + "8200" + times;
        Assert.Contains("a2160414" + responder + Time(Now0), Hex(tbs), StringComparison.Ordinal);
        Assert.Contains(singles + "a116" + "3014" + "3012" + "06092b0601050507300102" + "0405" + "0403010203", Hex(tbs), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OcspHash.Sha1, false, RevocationReason.Unspecified)]
    [InlineData(OcspHash.Sha1, true, RevocationReason.Unspecified)]
    [InlineData(OcspHash.Sha1, true, RevocationReason.Superseded)]
    [InlineData(OcspHash.Sha256, false, RevocationReason.Unspecified)]
    [InlineData(OcspHash.Sha256, true, RevocationReason.Unspecified)]
    [InlineData(OcspHash.Sha256, true, RevocationReason.PrivilegeWithdrawn)]
    public void A_response_from_parts_is_the_one_that_the_encoder_writes(OcspHash hash, bool isRevoked, RevocationReason reason)
    {
        for (var i = 0; i < 300; i++)
        {
            var serial = SerialNumber.Generate();
            var thisUpdate = Now.AddSeconds(i * 6841);
            var answer = new OcspAnswer(isRevoked, reason, Seconds(Now.AddDays(-i)), Seconds(thisUpdate), Seconds(thisUpdate.AddDays(4)));
            var tbs = s_responder.Template.EncodeTbs(hash, serial.Octets, answer);
            var single = new OcspSingle
            {
                CertId = Issuer.EncodeCertId(hash, serial),
                Status = isRevoked ? OcspStatus.Revoked : OcspStatus.Good,
                RevokedAt = Now.AddDays(-i),
                Reason = reason,
                ThisUpdate = thisUpdate,
                NextUpdate = thisUpdate.AddDays(4),
            };
            Assert.Equal(Hex(OcspResponse.EncodeTbs([single], OcspIssuer.KeyHash(s_responder.Contents.Key), thisUpdate, null)), Hex(tbs));

            var der = s_responder.Sign(tbs);
            var signature = new byte[OcspTemplate.SignatureLength];
            Assert.True(EcdsaValue.TryDecode(der, signature));
            var response = new byte[s_responder.Template.MaxLength];
            var length = s_responder.Template.Write(response, hash, serial.Octets, answer, signature);
            Assert.Equal(
                Hex(OcspResponse.Encode(tbs, SignatureAlgorithm.OfIssuer(KeyKind.P256).Der.Span, der, s_responder.Der)), Hex(response.AsMemory(0, length)));
            Assert.Empty(Lint(response.AsMemory(0, length)));
        }
    }

    [Theory]
    [InlineData("00", "00")]
    [InlineData("01", "7f")]
    [InlineData("80", "ff")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "8000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "007fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public void A_signature_of_any_length_is_kept_in_64_octets(string r, string s)
    {
        var raw = Convert.FromHexString(r.PadLeft(64, '0') + s.PadLeft(64, '0'));
        var der = new byte[80];
        der = der[..EcdsaValue.Encode(raw, der)];
        var back = new byte[64];
        Assert.True(EcdsaValue.TryDecode(der, back));
        Assert.Equal(raw, back);
        Assert.False(EcdsaValue.TryDecode((byte[])[.. der, 0], back));
    }

    [Theory]
    [InlineData("3006020101020180")]
    [InlineData("302602220100000000000000000000000000000000000000000000000000000000000000000000020101")]
    [InlineData("0400")]
    public void What_is_no_signature_of_the_curve_is_not_kept(string der) =>
        Assert.False(EcdsaValue.TryDecode(Convert.FromHexString(der), new byte[64]));

    internal static IReadOnlyList<string> Lint(ReadOnlyMemory<byte> response)
    {
        Assert.True(DecodedCertificate.TryDecode(s_responder.Der, out var certificate));
        return [.. OcspResponseLint.Check(response, certificate, TestCa.Shared.Issuer).Select(f => f.Rule)];
    }

    private static string Length(params string[] parts)
    {
        var length = parts.Sum(p => p.Length) / 2;
        return length < 0x80 ? $"{length:x2}" : $"81{length:x2}";
    }

    private static string Time(string text) => "180f" + Hex(Encoding.ASCII.GetBytes(text));

    private static uint Seconds(DateTimeOffset time) => (uint)time.ToUnixTimeSeconds();

    private static byte[] KeyBits(SubjectPublicKey key) => key.Der.Span[^65..].ToArray();

    private static string Hex(ReadOnlyMemory<byte> octets) => Convert.ToHexStringLower(octets.Span);
}
