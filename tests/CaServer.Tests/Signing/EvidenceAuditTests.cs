using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>A certificate is justified by its own evidence, as of its own time, or the audit says why not.</summary>
public sealed class EvidenceAuditTests
{
    private readonly SigningWorld _world = new();

    [Fact]
    public async Task A_certificate_is_justified_by_its_evidence_as_stored()
    {
        var issued = await _world.IsIssuedAsync(_world.Evidence().For("a.example.net", "192.0.2.7"));
        Assert.Empty(Audit(EvidenceBundle.Decode(_world.Journal.Records[0].Evidence), issued.Certificate));
    }

    [Fact]
    public async Task The_statements_are_judged_as_of_the_time_of_issuance()
    {
        var evidence = _world.Evidence().Build();
        var issued = await IssueAsync(evidence);
        Assert.Empty(Audit(evidence, issued));
        Assert.Equal(RefusalReason.StatementTooOld, Assert.Single(Audit(evidence, issued, SigningWorld.Now.AddDays(40))).Refusal);
    }

    [Fact]
    public async Task Evidence_of_another_certificate_does_not_justify_this_one()
    {
        var issued = await IssueAsync(_world.Evidence().Build());
        var findings = Audit(_world.Evidence().For("mail.example.net").Build(), issued);
        Assert.All(findings, f => Assert.Equal(AuditFault.CertificateDiffers, f.Fault));
        Assert.Contains(findings, f => f.Sentence.Contains("key", StringComparison.Ordinal));
        Assert.Contains(findings, f => f.Sentence.Contains("list of names", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_statement_is_found()
    {
        var evidence = _world.Evidence().Build();
        var issued = await IssueAsync(evidence);
        Assert.Equal(RefusalReason.QuorumNotMet, Assert.Single(Audit(evidence with { Statements = [] }, issued)).Refusal);
    }

    [Fact]
    public async Task A_signature_of_another_CA_is_found()
    {
        var evidence = _world.Evidence().Build();
        var issued = await IssueAsync(evidence);
        issued[^1] ^= 1;
        Assert.Equal(AuditFault.NotOurCertificate, Assert.Single(Audit(evidence, issued)).Fault);
    }

    [Fact]
    public async Task A_certificate_for_a_longer_time_than_the_profile_has_is_found()
    {
        // What a signer with a manipulated configuration would have made.
        var evidence = _world.Evidence().Build();
        var honest = _world.Settings;
        var options = CertificateProfileOptions.Dv();
        options.Validity = TimeSpan.FromDays(300);
        _world.Settings = honest with { Profiles = new Dictionary<string, CertificateProfile> { ["dv"] = new("dv", options, PolicyPreset.Private) } };
        var issued = await IssueAsync(evidence);
        Assert.Contains(EvidenceAudit.Verify(evidence, issued, honest, SigningWorld.Now), f => f.Fault == AuditFault.LintFailed);
    }

    [Fact]
    public async Task A_time_of_issuance_that_does_not_fit_the_certificate_is_found()
    {
        var evidence = _world.Evidence().StatedBy("alpha", s => s with { Caa = CaaState.Unchecked, CaaCheckedAt = null }).Build();
        var issued = await IssueAsync(evidence);
        Assert.Contains(Audit(evidence, issued, SigningWorld.Now.AddDays(3)), f => f.Fault == AuditFault.TimeDiffers);
    }

    [Fact]
    public async Task A_status_URL_that_has_moved_since_is_no_finding()
    {
        var evidence = _world.Evidence().Build();
        var issued = await IssueAsync(evidence);
        var moved = _world.Settings with { StatusUrls = new StatusUrls(new Uri("http://elsewhere.example.net")) };
        Assert.Empty(EvidenceAudit.Verify(evidence, issued, moved, SigningWorld.Now));
    }

    [Fact]
    public async Task A_subject_that_the_profile_does_not_give_is_found()
    {
        var evidence = _world.Evidence().Build();
        var honest = _world.Settings;
        var named = new CertificateProfile("dv", new CertificateProfileOptions { CommonName = true }, PolicyPreset.Private);
        _world.Settings = honest with { Profiles = new Dictionary<string, CertificateProfile> { ["dv"] = named } };
        var issued = await IssueAsync(evidence);
        Assert.Contains(EvidenceAudit.Verify(evidence, issued, honest, SigningWorld.Now), f => f.Sentence.Contains("certificate's subject", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_issuer_of_another_name_is_found_though_it_has_the_same_key()
    {
        var evidence = _world.Evidence().Build();
        var issued = await IssueAsync(evidence);
        var plan = SigningWorld.Plan with { IssuingSubject = new CaSubject("CH", "Example", "Example Other CA") };
        var rootKey = new SigningKey(_world.RootKey, System.Security.Cryptography.HashAlgorithmName.SHA384);
        var other = Ceremony.Perform(plan, rootKey, _world.Issuer.Key, SigningWorld.Now.AddDays(-30));
        var settings = _world.Settings with { Issuer = new IssuingCa("issuing", IssuerCertificate.Parse(other.IssuingCertificate), _world.Issuer.Key) };
        Assert.Contains(EvidenceAudit.Verify(evidence, issued, settings, SigningWorld.Now), f => f.Sentence.Contains("certificate's issuer", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void What_is_no_certificate_is_found(int length) =>
        Assert.Equal(AuditFault.NotOurCertificate, Assert.Single(Audit(_world.Evidence().Build(), new byte[length])).Fault);

    private async Task<byte[]> IssueAsync(EvidenceBundle evidence) =>
        [.. Assert.IsType<IssuanceResult.Issued>(await _world.Core.IssueAsync(evidence, SigningWorld.Now, TestContext.Current.CancellationToken)).Certificate];

    private IReadOnlyList<AuditFinding> Audit(EvidenceBundle evidence, byte[] certificate, DateTimeOffset? at = null) =>
        EvidenceAudit.Verify(evidence, certificate, _world.Settings, at ?? SigningWorld.Now);
}
