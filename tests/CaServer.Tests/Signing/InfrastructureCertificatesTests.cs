using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>The server's own TLS certificate: justified by the configuration, and by nothing that a client can send.</summary>
public sealed class InfrastructureCertificatesTests
{
    private static readonly Identifier[] s_hosts = [Identifier.Dns("localhost"), Identifier.Ip("127.0.0.1")];

    private readonly SigningWorld _world = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Fact]
    public async Task The_configured_hosts_get_a_certificate()
    {
        var result = Assert.IsType<IssuanceResult.Issued>(await IssueAsync("localhost", "127.0.0.1"));
        Assert.Empty(Certificates.ChainStatus(result.Certificate, _world.Ceremony.IssuingCertificate, _world.Ceremony.RootCertificate, SigningWorld.Now));
        Assert.Equal(["localhost", "127.0.0.1"], Certificates.NamesOf(result.Certificate));
        Assert.Equal(result.Certificate, Assert.Single(_world.Journal.Stored).Certificate);
    }

    [Fact]
    public async Task The_evidence_says_that_the_configuration_is_the_reason()
    {
        await IssueAsync("localhost", "127.0.0.1");
        var record = Assert.Single(_world.Journal.Records);
        Assert.Null(record.Order);
        Assert.Null(record.Account);
        Assert.Equal("server", record.Profile);
        var evidence = OperatorEvidence.Decode(record.Evidence);
        Assert.Equal("operator configuration", evidence.Basis);
        Assert.Equal(s_hosts.Select(EvidenceName.Of), evidence.Hosts);
        Assert.True(CertificateSigningRequest.TryParse(evidence.Csr, out var csr, out _));
        Assert.Equal(_key.ExportSubjectPublicKeyInfo(), csr.PublicKey.Der.ToArray());
        using var leaf = JsonDocument.Parse(_world.Journal.Stored[0].Leaf);
        Assert.Equal("infrastructure", leaf.RootElement.GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost", "127.0.0.1", "www.example.net")]
    [InlineData("www.example.net", "127.0.0.1")]
    public async Task Other_names_than_the_configured_hosts_are_refused(params string[] names)
    {
        var refused = Assert.IsType<IssuanceResult.Refused>(await IssueAsync(names));
        Assert.Equal(RefusalReason.CsrNamesDiffer, refused.Reason);
        Assert.Empty(_world.Journal.Records);
        Assert.Empty(_world.IssuingKey.SignedData);
    }

    [Fact]
    public async Task A_weak_key_is_refused()
    {
        using var weak = RSA.Create(1024);
        var result = await Issuer().IssueAsync(EvidenceBuilder.Csr(weak, "localhost", "127.0.0.1"), SigningWorld.Now, TestContext.Current.CancellationToken);
        Assert.Equal(RefusalReason.KeyNotAllowed, Assert.IsType<IssuanceResult.Refused>(result).Reason);
    }

    [Fact]
    public void A_profile_of_more_than_ninety_days_is_refused() =>
        Assert.Throws<ArgumentException>(() => Issuer(TimeSpan.FromDays(91)));

    [Fact]
    public void No_hosts_are_refused() =>
        Assert.Throws<ArgumentException>(() => new InfrastructureCertificates([], Profile(TimeSpan.FromDays(30)), _world.Issuer, SigningWorld.StatusUrls, _world.Journal));

    [Theory]
    [InlineData("""{"version":1,"basis":"because","hosts":[],"csr":""}""")]
    [InlineData("""{"version":1,"basis":"operator configuration","hosts":[],"csr":"","more":1}""")]
    [InlineData("null")]
    [InlineData("[")]
    public void Other_evidence_is_not_read_as_the_operators(string json) =>
        Assert.Throws<FormatException>(() => OperatorEvidence.Decode(Encoding.UTF8.GetBytes(json)));

    private Task<IssuanceResult> IssueAsync(params string[] names) =>
        Issuer().IssueAsync(EvidenceBuilder.Csr(_key, names), SigningWorld.Now, TestContext.Current.CancellationToken);

    private InfrastructureCertificates Issuer(TimeSpan? validity = null) =>
        new(s_hosts, Profile(validity ?? TimeSpan.FromDays(30)), _world.Issuer, SigningWorld.StatusUrls, _world.Journal);

    private static CertificateProfile Profile(TimeSpan validity) => new("server", new CertificateProfileOptions { Validity = validity }, PolicyPreset.Private);
}
