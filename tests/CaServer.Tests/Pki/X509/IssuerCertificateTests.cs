using System.Security.Cryptography;
using CaServer.Pki.X509;

namespace CaServer.Tests.Pki.X509;

public sealed class IssuerCertificateTests
{
    private static readonly TestCa s_ca = TestCa.Shared;

    [Fact]
    public void A_ca_certificate_is_read()
    {
        Assert.Equal(s_ca.IssuingContents.Subject.Der.ToArray(), s_ca.Issuer.SubjectDer.ToArray());
        Assert.Equal(s_ca.IssuingContents.Key.KeyIdentifier.ToArray(), s_ca.Issuer.SubjectKeyIdentifier.ToArray());
        Assert.Equal((s_ca.IssuingContents.NotBefore, s_ca.IssuingContents.NotAfter), (s_ca.Issuer.NotBefore, s_ca.Issuer.NotAfter));
        Assert.True(s_ca.Issuer.PublicKey.IsSameAs(s_ca.IssuingContents.Key));
    }

    [Fact]
    public void It_verifies_what_its_key_signed_and_nothing_else()
    {
        var leaf = SignedObject.Split(s_ca.Leaf(s_ca.Contents()));
        Assert.True(s_ca.Issuer.Verifies(leaf));
        Assert.False(s_ca.Root.Verifies(leaf));
        Assert.True(s_ca.Root.Verifies(SignedObject.Split(s_ca.IssuingDer)));
        Assert.True(s_ca.Root.Verifies(SignedObject.Split(s_ca.RootDer)));
        var tbs = leaf.ToBeSigned.ToArray();
        tbs[^1] ^= 1;
        Assert.False(s_ca.Issuer.Verifies(tbs, leaf.AlgorithmIdentifier.Span, leaf.Signature.Span));
        Assert.False(s_ca.Issuer.Verifies(leaf.ToBeSigned.Span, leaf.AlgorithmIdentifier.Span, []));
    }

    [Fact]
    public void The_hash_is_bound_to_the_curve()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var tbs = CaCertificate.EncodeRootTbs(s_ca.RootContents with { Key = TestKeys.Read(key) }, SignatureAlgorithm.OfIssuer(KeyKind.P256).Der.Span);
        using var issuer = IssuerCertificate.Parse(SignedObject.Encode(tbs, SignatureAlgorithm.OfIssuer(KeyKind.P256).Der.Span, [1]));
        Assert.True(issuer.Verifies(tbs, SignatureAlgorithm.OfIssuer(KeyKind.P256).Der.Span, key.SignData(tbs, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
        Assert.False(issuer.Verifies(tbs, SignatureAlgorithm.OfIssuer(KeyKind.P384).Der.Span, key.SignData(tbs, HashAlgorithmName.SHA384, DSASignatureFormat.Rfc3279DerSequence)));
    }

    [Fact]
    public void What_is_not_a_ca_certificate_is_refused()
    {
        Assert.Throws<FormatException>(() => IssuerCertificate.Parse(s_ca.Leaf(s_ca.Contents())));
        Assert.Throws<FormatException>(() => IssuerCertificate.Parse(new byte[10]));
        var certificate = MutableCertificate.From(s_ca.IssuingDer);
        certificate.Remove(MutableCertificate.Ski);
        Assert.Throws<FormatException>(() => IssuerCertificate.Parse(certificate.Encode()));
        certificate = MutableCertificate.From(s_ca.IssuingDer);
        certificate.PublicKey[^1] ^= 1;
        Assert.Throws<FormatException>(() => IssuerCertificate.Parse(certificate.Encode()));
    }

    [Theory]
    [InlineData("XY1", "Org", "Name")]
    [InlineData("cn", "Org", "Name")]
    [InlineData(null, "", "Name")]
    [InlineData(null, "Org", " Name")]
    [InlineData(null, "Org", "Na\nme")]
    public void A_name_that_cannot_stand_in_a_certificate_is_refused(string? country, string organization, string commonName) =>
        Assert.Throws<ArgumentException>(() => new CaSubject(country, organization, commonName));

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(300)]
    [InlineData(70_000)]
    [InlineData(17_000_000)]
    public void A_signed_object_of_any_size_can_be_joined_and_split(int size)
    {
        var tbs = size < 10 ? [0x04, 0x00] : Der.Write(w => w.WriteOctetString(new byte[size]));
        var algorithm = SignatureAlgorithm.OfIssuer(KeyKind.Rsa).Der;
        var signature = RandomNumberGenerator.GetBytes(256);
        var parts = SignedObject.Split(SignedObject.Encode(tbs, algorithm.Span, signature));
        Assert.True(parts.ToBeSigned.Span.SequenceEqual(tbs));
        Assert.True(parts.AlgorithmIdentifier.Span.SequenceEqual(algorithm.Span));
        Assert.True(parts.Signature.Span.SequenceEqual(signature));
    }
}
