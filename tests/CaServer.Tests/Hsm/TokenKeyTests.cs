using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Hsm;
using CaServer.TestKit.Hsm;

namespace CaServer.Tests.Hsm;

public sealed class TokenKeyTests
{
    [Theory]
    [InlineData(CaKeyKind.P256, "301306072a8648ce3d020106082a8648ce3d030107", "300a06082a8648ce3d040302")]
    [InlineData(CaKeyKind.P384, "301006072a8648ce3d020106052b81040022", "300a06082a8648ce3d040303")]
    [InlineData(CaKeyKind.Rsa2048, "300d06092a864886f70d0101010500", "300d06092a864886f70d01010b0500")]
    [InlineData(CaKeyKind.Rsa3072, "300d06092a864886f70d0101010500", "300d06092a864886f70d01010b0500")]
    [InlineData(CaKeyKind.Rsa4096, "300d06092a864886f70d0101010500", "300d06092a864886f70d01010b0500")]
    public void Every_kind_of_key_signs_what_dotnet_verifies_and_is_encoded_as_the_baseline_requirements_list(CaKeyKind kind, string keyAlgorithm, string signatureAlgorithm)
    {
        using var token = TestToken.Create().Open();
        using var key = token.Generate("issuer", kind);

        Assert.Equal(kind, key.Kind);
        Assert.Contains(keyAlgorithm, Convert.ToHexStringLower(key.SubjectPublicKeyInfo), StringComparison.Ordinal);
        Assert.Equal(signatureAlgorithm, Convert.ToHexStringLower(key.SignatureGenerator.GetSignatureAlgorithmIdentifier(key.Hash)));
        SignatureAssert.Signs(key);
    }

    [Fact]
    public void A_key_is_found_again_by_its_label_after_the_token_was_closed()
    {
        var test = TestToken.Create();
        byte[] made;
        using (var token = test.Open())
        using (var key = token.Generate("issuer", CaKeyKind.P256))
            made = key.SubjectPublicKeyInfo;

        using var again = test.Open();
        using var found = again.Find("issuer");

        Assert.NotNull(found);
        Assert.Equal(made, found.SubjectPublicKeyInfo);
        SignatureAssert.Signs(found);
        Assert.Null(again.Find("another"));
    }

    [Fact]
    public void A_label_that_is_taken_is_refused()
    {
        using var token = TestToken.Create().Open();
        using var key = token.Generate("issuer", CaKeyKind.P256);

        var refusal = Assert.Throws<HsmException>(() => token.Generate("issuer", CaKeyKind.P384));

        Assert.Equal(HsmFault.KeyExists, refusal.Fault);
    }

    [Fact]
    public void A_hash_that_does_not_belong_to_the_curve_is_refused()
    {
        using var token = TestToken.Create().Open();
        using var key = token.Generate("issuer", CaKeyKind.P256);

        Assert.Throws<ArgumentException>(() => key.SignatureGenerator.SignData([1, 2, 3], HashAlgorithmName.SHA384));
        Assert.Throws<ArgumentException>(() => key.SignHash(new byte[100], HashAlgorithmName.SHA256));
    }

    [Fact]
    public void A_certificate_signed_through_the_seam_of_the_base_class_library_verifies()
    {
        using var token = TestToken.Create().Open();
        using var key = token.Generate("root", CaKeyKind.P384);
        var name = new X500DistinguishedName("CN=Root");
        var request = new CertificateRequest(name, key.SignatureGenerator.PublicKey, key.Hash);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));

        using var certificate = request.Create(name, key.SignatureGenerator, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100), [1]);

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(certificate));
    }
}
