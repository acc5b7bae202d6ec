using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>The root ceremony (BR §7.1.2.1, §7.1.2.6, §7.2).</summary>
public sealed class CeremonyTests
{
    private static readonly DateTimeOffset s_now = SigningWorld.Now;

    [Theory]
    [InlineData("P-384", "P-256")]
    [InlineData("P-256", "P-384")]
    [InlineData("RSA", "P-256")]
    [InlineData("P-384", "RSA")]
    [InlineData("P-521", "P-256")]
    public void Every_kind_of_CA_key_makes_a_hierarchy(string root, string issuing)
    {
        var rootKey = Key(root);
        var issuingKey = Key(issuing);
        foreach (var preset in Enum.GetValues<PolicyPreset>())
        {
            var result = Ceremony.Perform(SigningWorld.Plan with { Preset = preset }, rootKey, issuingKey, s_now);

            using var anchor = IssuerCertificate.Parse(result.RootCertificate);
            Assert.True(anchor.Verifies(SignedObject.Split(result.RootCertificate)));
            Assert.True(anchor.Verifies(SignedObject.Split(result.IssuingCertificate)));
            Assert.True(anchor.Verifies(SignedObject.Split(result.RootCrl)));
            Assert.True(anchor.PublicKey.IsSameAs(rootKey.PublicKey));
            using var intermediate = IssuerCertificate.Parse(result.IssuingCertificate);
            Assert.True(intermediate.PublicKey.IsSameAs(issuingKey.PublicKey));
        }
    }

    [Fact]
    public void The_root_signs_three_times_and_the_issuing_CA_not_at_all()
    {
        var world = new SigningWorld();
        Assert.Equal(3, world.RootKey.SignedData.Count);
        Assert.Empty(world.IssuingKey.SignedData);
    }

    [Fact]
    public void The_certificates_say_what_the_plan_says()
    {
        var result = new SigningWorld().Ceremony;
        using var root = X509CertificateLoader.LoadCertificate(result.RootCertificate);
        using var issuing = X509CertificateLoader.LoadCertificate(result.IssuingCertificate);
        Assert.Equal("CN=Example Root, O=Example, C=CH", root.Subject);
        Assert.Equal(root.Subject, root.Issuer);
        Assert.Equal(root.SubjectName.RawData, issuing.IssuerName.RawData);
        Assert.Equal("CN=Example Issuing CA, O=Example, C=CH", issuing.Subject);
        Assert.NotEqual(root.SerialNumber, issuing.SerialNumber);
    }

    [Fact]
    public void The_first_CRL_is_number_one_and_lives_for_less_than_a_year()
    {
        var result = new SigningWorld().Ceremony;
        CertificateRevocationListBuilder.Load(result.RootCrl, out var number);
        Assert.Equal(1, number);
        Assert.True(SigningWorld.Plan.RootCrlValidity < TimeSpan.FromDays(365));
    }

    [Fact]
    public void One_key_for_both_is_refused()
    {
        var key = Key("P-256");
        Assert.Throws<ArgumentException>(() => Ceremony.Perform(SigningWorld.Plan, key, key, s_now));
    }

    [Fact]
    public void An_issuing_CA_that_outlives_the_root_is_refused() =>
        Assert.Throws<ArgumentException>(() =>
            Ceremony.Perform(SigningWorld.Plan with { IssuingValidity = TimeSpan.FromDays(6000) }, Key("P-384"), Key("P-256"), s_now));

    [Fact]
    public void A_root_of_too_short_a_life_is_refused_by_the_linter_under_webpki()
    {
        var plan = SigningWorld.Plan with { Preset = PolicyPreset.WebPki, RootValidity = TimeSpan.FromDays(2000) };
        Assert.Equal(RefusalReason.LintFailed, Assert.Throws<RefusedException>(() => Ceremony.Perform(plan, Key("P-384"), Key("P-256"), s_now)).Reason);
    }

    [Fact]
    public void A_root_token_that_signs_wrongly_is_found_out_at_once()
    {
        var broken = new ObservedKey(X509SignatureGenerator.CreateForECDsa(ECDsa.Create(ECCurve.NamedCurves.nistP384)))
        {
            Fault = signature => [.. signature.SkipLast(1), (byte)(signature[^1] ^ 1)],
        };
        var refused = Assert.Throws<RefusedException>(() => Ceremony.Perform(SigningWorld.Plan, new SigningKey(broken, HashAlgorithmName.SHA384), Key("P-256"), s_now));
        Assert.Equal(RefusalReason.SignatureWrong, refused.Reason);
        Assert.Single(broken.SignedData);
    }

    [Fact]
    public void A_hash_that_does_not_go_with_the_key_is_refused() =>
        Assert.Throws<ArgumentException>(() =>
            new SigningKey(X509SignatureGenerator.CreateForECDsa(ECDsa.Create(ECCurve.NamedCurves.nistP384)), HashAlgorithmName.SHA256));

    [Fact]
    public void A_certificate_and_a_key_that_do_not_belong_together_make_no_issuer() =>
        Assert.Throws<ArgumentException>(() => new IssuingCa("issuing", new SigningWorld().Issuer.Certificate, Key("P-256")));

    [Theory]
    [InlineData("")]
    [InlineData("Issuing")]
    [InlineData("a/b")]
    public void A_name_that_cannot_stand_in_a_URL_makes_no_issuer(string name)
    {
        var world = new SigningWorld();
        Assert.Throws<ArgumentException>(() => new IssuingCa(name, world.Issuer.Certificate, world.Issuer.Key));
    }

    private static SigningKey Key(string kind) => kind switch
    {
        "P-256" => new(X509SignatureGenerator.CreateForECDsa(ECDsa.Create(ECCurve.NamedCurves.nistP256)), HashAlgorithmName.SHA256),
        "P-384" => new(X509SignatureGenerator.CreateForECDsa(ECDsa.Create(ECCurve.NamedCurves.nistP384)), HashAlgorithmName.SHA384),
        "P-521" => new(X509SignatureGenerator.CreateForECDsa(ECDsa.Create(ECCurve.NamedCurves.nistP521)), HashAlgorithmName.SHA512),
        _ => new(X509SignatureGenerator.CreateForRSA(RSA.Create(2048), RSASignaturePadding.Pkcs1), HashAlgorithmName.SHA256),
    };
}
