using System.Security.Cryptography;
using CaServer.Pki.X509;

namespace CaServer.Tests.Pki.X509;

public sealed class SubjectPublicKeyTests
{
    private const string RsaPrefix = "300d06092a864886f70d0101010500";

    [Fact]
    public void Keys_of_the_platform_are_read_with_their_kind_and_size()
    {
        Assert.Equal((KeyKind.Rsa, 2048), (TestKeys.Rsa2048.Kind, TestKeys.Rsa2048.Bits));
        Assert.Equal((KeyKind.P256, 256), (TestKeys.P256.Kind, TestKeys.P256.Bits));
        Assert.Equal((KeyKind.P384, 384), (TestKeys.P384.Kind, TestKeys.P384.Bits));
        Assert.Equal((KeyKind.P521, 521), (TestKeys.P521.Kind, TestKeys.P521.Bits));
    }

    [Fact]
    public void The_key_identifier_is_the_left_of_the_hash_of_the_key_bits()
    {
        // RFC 7093 §2 method 1. The BIT STRING of a P-256 key is the last 65 octets of the SubjectPublicKeyInfo.
        var key = TestKeys.P256;
        Assert.Equal(SHA256.HashData(key.Der.Span[^65..])[..20], key.KeyIdentifier.ToArray());
        Assert.Equal(20, key.KeyIdentifier.Length);
    }

    [Fact]
    public void Another_encoding_of_a_good_key_is_refused()
    {
        var rsa = TestKeys.Rsa2048.Der.ToArray();
        var body = rsa[(4 + 15)..];
        AssertRefused(Der.Sequence(Der.Hex("300b06092a864886f70d010101"), body), "not supported"); // no NULL
        AssertRefused(Der.Sequence(Der.Hex("300d06092a864886f70d01010a0500"), body), "not supported"); // id-RSASSA-PSS
        AssertRefused([.. rsa, 0], "not a DER");
        AssertRefused(rsa[..^1], "not a DER");
        AssertRefused(new byte[3000], "longer");
        var point = TestKeys.P256.Der.ToArray()[^64..];
        AssertRefused(Ec("301306072a8648ce3d020106082a8648ce3d030107", [0x02, .. point[..32]]), "uncompressed");
        AssertRefused(Ec("301306072a8648ce3d020106082a8648ce3d030107", [0x06, .. point]), "uncompressed");
        AssertRefused(Ec("301306072a8648ce3d020106082a8648ce3d030107", [0x04, .. point, 0]), "uncompressed");
        AssertRefused(Ec("301306072a8648ce3d020106082a8648ce3d030107", [0x00]), "uncompressed");
    }

    [Fact]
    public void Other_kinds_of_keys_are_refused()
    {
        AssertRefused(Ec("301006072a8648ce3d020106052b8104000a", [0x04, .. new byte[64]]), "not supported"); // secp256k1
        AssertRefused(Der.Sequence(Der.Hex("300506032b6570"), Der.Tlv(0x03, [0], new byte[32])), "not supported"); // Ed25519
    }

    [Theory]
    [InlineData("0200", "not a DER")]
    [InlineData("020100", "positive")]
    [InlineData("0201ff", "positive")]
    [InlineData("02020001", "not a DER")]
    public void An_impossible_rsa_modulus_is_refused(string modulus, string fault) =>
        AssertRefused(Rsa(Der.Hex(modulus), Der.Hex("0203010001")), fault);

    [Fact]
    public void Sizes_that_would_make_verification_slow_are_refused()
    {
        var modulus = Der.Tlv(0x02, [0x01], new byte[1023], [0x01]);
        AssertRefused(Rsa(modulus, Der.Hex("0203010001")), "8192");
        AssertRefused(Rsa(Der.Tlv(0x02, [0x40], new byte[254], [0x01]), Der.Tlv(0x02, [0x01], new byte[31], [0x01])), "2^256");
    }

    private static byte[] Rsa(byte[] modulus, byte[] exponent) =>
        Der.Sequence(Der.Hex(RsaPrefix), Der.Tlv(0x03, [0], Der.Sequence(modulus, exponent)));

    private static byte[] Ec(string algorithm, byte[] point) => Der.Sequence(Der.Hex(algorithm), Der.Tlv(0x03, [0], point));

    private static void AssertRefused(byte[] spki, string part)
    {
        Assert.False(SubjectPublicKey.TryRead(spki, out var key, out var fault));
        Assert.Null(key);
        Assert.Contains(part, fault, StringComparison.Ordinal);
    }
}
