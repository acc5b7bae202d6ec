using CaServer.Hsm;
using CaServer.TestKit.Hsm;

namespace CaServer.Tests.Hsm;

public sealed class KeyProtectionTests
{
    [Theory]
    [InlineData(CaKeyKind.P256)]
    [InlineData(CaKeyKind.Rsa2048)]
    public void A_private_key_is_sensitive_never_extractable_local_and_only_signs(CaKeyKind kind)
    {
        var test = TestToken.Create();
        using var token = test.Open();
        using var key = token.Generate("issuer", kind);

        var listing = ForeignUser.RunTool(test, "--list-objects", "--type", "privkey");

        Assert.Single(listing.Split('\n'), line => line.StartsWith("Private Key Object", StringComparison.Ordinal));
        Assert.Equal("issuer", Field(listing, "label"));
        Assert.Equal("sign", Field(listing, "Usage"));
        Assert.Equal("sensitive, always sensitive, never extractable, local", Field(listing, "Access"));
    }

    [Theory]
    [InlineData(true, true, true, "it is extractable")]
    [InlineData(false, false, true, "it is not sensitive")]
    [InlineData(true, false, false, "it may not sign")]
    public void A_key_that_is_not_protected_as_a_CA_key_must_be_is_refused(bool sensitive, bool extractable, bool sign, string reason)
    {
        var test = TestToken.Create();
        ForeignUser.GenerateKey(test, "issuer", sensitive, extractable, sign);
        IsRefused(test, reason);
    }

    [Fact]
    public void Two_keys_with_one_label_are_refused()
    {
        var test = TestToken.Create();
        MakeKey(test, "01", "issuer");
        MakeKey(test, "02", "issuer");
        IsRefused(test, "2 private keys");
    }

    [Fact]
    public void A_key_without_its_public_half_is_refused()
    {
        var test = TestToken.Create();
        MakeKey(test, "01", "issuer");
        ForeignUser.RunTool(test, "--delete-object", "--type", "pubkey", "--id", "01");
        IsRefused(test, "0 public keys");
    }

    [Fact]
    public void A_public_key_that_belongs_to_another_private_key_is_found_out()
    {
        var test = TestToken.Create();
        MakeKey(test, "01", "issuer");
        MakeKey(test, "02", "other");
        ForeignUser.RunTool(test, "--delete-object", "--type", "pubkey", "--id", "01");
        ForeignUser.SetPublicKeyId(test, "other", [1]);
        IsRefused(test, "does not belong");
    }

    [Fact]
    public void A_curve_that_no_certificate_may_have_is_refused()
    {
        var test = TestToken.Create();
        ForeignUser.RunTool(test, "--keypairgen", "--key-type", "EC:secp256k1", "--id", "01", "--label", "issuer", "--usage-sign", "--sensitive");
        IsRefused(test, "neither P-256 nor P-384");
    }

    private static void IsRefused(TestToken test, string reason)
    {
        using var token = test.Open();
        var refusal = Assert.Throws<HsmException>(() => token.Find("issuer"));
        Assert.Equal(HsmFault.KeyUnusable, refusal.Fault);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    private static void MakeKey(TestToken test, string id, string label) =>
        ForeignUser.RunTool(test, "--keypairgen", "--key-type", "EC:prime256v1", "--id", id, "--label", label, "--usage-sign", "--sensitive");

    private static string Field(string listing, string name) =>
        listing.Split('\n').Select(line => line.Trim()).Single(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..].Trim();
}
