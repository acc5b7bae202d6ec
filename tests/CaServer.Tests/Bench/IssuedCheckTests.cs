using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Bench.Acme;

namespace CaServer.Tests.Bench;

/// <summary>The benchmark must not count an order whose certificate is wrong in any way.</summary>
public sealed class IssuedCheckTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly PreparedRequest _request = PreparedRequest.Create("w0.bench.test");
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _issuer;
    private readonly IssuedCheck _check;

    public IssuedCheckTests()
    {
        _root = Ca("CN=Root", _rootKey).CreateSelfSigned(s_now.AddYears(-1), s_now.AddYears(9));
        _issuer = Ca("CN=Issuer", _issuerKey).Create(_root, s_now.AddYears(-1), s_now.AddYears(8), [1]);
        _check = new IssuedCheck([_root]);
    }

    [Fact]
    public void The_certificate_that_was_asked_for_passes() => Assert.Null(Fault(Leaf()));

    [Fact]
    public void A_chain_that_ends_with_the_root_itself_passes() =>
        Assert.Null(_check.Fault(_request, Leaf() + Pem(_issuer) + Pem(_root), s_now));

    [Fact]
    public void Another_name_is_detected() => Assert.Contains("names", Fault(Leaf(names: ["w1.bench.test"])), StringComparison.Ordinal);

    [Fact]
    public void A_second_name_is_detected() => Assert.Contains("names", Fault(Leaf(names: ["w0.bench.test", "w1.bench.test"])), StringComparison.Ordinal);

    [Fact]
    public void Another_key_is_detected() => Assert.Contains("key", Fault(Leaf(key: PreparedRequest.Create("w0.bench.test").SubjectPublicKeyInfo)), StringComparison.Ordinal);

    [Fact]
    public void A_certificate_that_is_not_valid_now_is_detected() => Assert.Contains("valid from", Fault(Leaf(), s_now.AddDays(2)), StringComparison.Ordinal);

    [Fact]
    public void A_serial_number_issued_twice_is_detected()
    {
        Assert.Null(Fault(Leaf()));
        Assert.Contains("twice", Fault(Leaf()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_signature_of_another_key_is_detected()
    {
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Contains("does not verify", Fault(Leaf(signer: stranger)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_issuer_that_no_known_root_signed_is_detected()
    {
        using var strangerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var stranger = Ca("CN=Root", strangerKey).CreateSelfSigned(s_now.AddYears(-1), s_now.AddYears(9));
        using var check = new IssuedCheck([stranger]);
        Assert.Contains("none of the known roots", check.Fault(_request, Leaf() + Pem(_issuer), s_now), StringComparison.Ordinal);
    }

    [Fact]
    public void A_leaf_without_its_issuer_is_detected() =>
        Assert.Contains("none of the known roots", _check.Fault(_request, Leaf(), s_now), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("{\"type\":\"about:blank\"}")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void What_is_no_certificate_is_detected(string download) =>
        Assert.Contains("no certificate chain", _check.Fault(_request, download, s_now), StringComparison.Ordinal);

    public void Dispose()
    {
        _check.Dispose();
        _issuer.Dispose();
        _root.Dispose();
        _issuerKey.Dispose();
        _rootKey.Dispose();
    }

    private string? Fault(string leaf, DateTimeOffset? now = null) => _check.Fault(_request, leaf + Pem(_issuer), now ?? s_now);

    private string Leaf(string[]? names = null, byte[]? key = null, ECDsa? signer = null)
    {
        var request = new CertificateRequest(
            new X500DistinguishedName(""), PublicKey.CreateFromSubjectPublicKeyInfo(key ?? _request.SubjectPublicKeyInfo, out _), HashAlgorithmName.SHA256);
        var san = new SubjectAlternativeNameBuilder();
        foreach (var name in names ?? [_request.Name])
            san.AddDnsName(name);
        request.CertificateExtensions.Add(san.Build());
        using var certificate = request.Create(
            _issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(signer ?? _issuerKey), s_now.AddHours(-1), s_now.AddDays(1), [7, 7]);
        return Pem(certificate);
    }

    private static CertificateRequest Ca(string subject, ECDsa key)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request;
    }

    private static string Pem(X509Certificate2 certificate) => certificate.ExportCertificatePem() + "\n";
}
