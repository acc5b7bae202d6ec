using CaServer.Hsm.Pkcs11;

namespace CaServer.Tests.Hsm;

public sealed class EcdsaSignatureTests
{
    [Theory]
    [InlineData("0001", "3006020100020101")]
    [InlineData("7f80", "300702017f02020080")]
    [InlineData("00800001", "300702020080020101")]
    [InlineData("00000000", "3006020100020100")]
    public void Numbers_become_minimal_positive_integers(string raw, string der) =>
        Assert.Equal(der, Convert.ToHexStringLower(EcdsaSignature.ToDer(Convert.FromHexString(raw))));

    [Fact]
    public void The_longest_signature_of_P384_fits()
    {
        var raw = Enumerable.Repeat((byte)0xff, 96).ToArray();

        var der = EcdsaSignature.ToDer(raw);

        Assert.Equal(104, der.Length);
        Assert.Equal("3066023100ff", Convert.ToHexStringLower(der.AsSpan(0, 6)));
    }
}
