using CaServer.Domain;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>What the signing core wants of proofs that are no ACME challenges (BR §3.2.2.4.4, .7, .13, .14, .18).</summary>
public sealed class ManualProofTests
{
    private static readonly DateTimeOffset s_emailEnds = new(2028, 3, 15, 0, 0, 0, TimeSpan.Zero);

    private readonly SigningWorld _world = new();

    public static TheoryData<ValidationMethod> Manual => [.. MethodRule.All.Where(r => !r.IsChallenge).Select(r => r.Method)];

    [Theory]
    [MemberData(nameof(Manual))]
    public Task A_proof_with_all_that_it_needs_is_enough(ValidationMethod method) => _world.IsIssuedAsync(StatedBy(method));

    [Theory]
    [MemberData(nameof(Manual))]
    public async Task What_was_issued_is_justified_by_its_evidence_alone(ValidationMethod method)
    {
        var issued = await _world.IsIssuedAsync(StatedBy(method));
        var evidence = EvidenceBundle.Decode(_world.Journal.Records[0].Evidence);
        Assert.Empty(EvidenceAudit.Verify(evidence, issued.Certificate, _world.Settings, SigningWorld.Now));
        var ended = EvidenceAudit.Verify(evidence, issued.Certificate, _world.Settings with { Preset = PolicyPreset.WebPki, MaxStatementAge = TimeSpan.FromDays(1000) }, s_emailEnds);
        Assert.Equal(MethodRule.Of(method).IsEmail, ended.Any(f => f.Refusal == RefusalReason.MethodNotAllowed));
    }

    [Theory]
    [MemberData(nameof(Manual))]
    public Task The_account_must_be_named(ValidationMethod method) =>
        _world.IsRefusedAsync(StatedBy(method, s => s with { AccountUrl = null }), RefusalReason.StatementForAnotherAccount);

    [Theory]
    [MemberData(nameof(Manual))]
    public async Task The_value_must_be_known_to_be_young_enough(ValidationMethod method)
    {
        var life = (long)ManualProof.MaxValueLife.TotalSeconds;
        await _world.IsRefusedAsync(StatedBy(method, s => s with { ValueCreatedAt = null }), RefusalReason.MethodNotAllowed);
        await _world.IsRefusedAsync(StatedBy(method, s => s with { ValueCreatedAt = s.CheckedAt - life - 1 }), RefusalReason.MethodNotAllowed, "30 days");
        await _world.IsRefusedAsync(StatedBy(method, s => s with { ValueCreatedAt = s.CheckedAt + 60 }), RefusalReason.MethodNotAllowed);
        await _world.IsIssuedAsync(StatedBy(method, s => s with { ValueCreatedAt = s.CheckedAt - life }));
    }

    [Theory]
    [InlineData(ValidationMethod.ConstructedEmail, null, "example.net")]
    [InlineData(ValidationMethod.ConstructedEmail, "info@example.net", "example.net")]
    [InlineData(ValidationMethod.ConstructedEmail, "admin@example.com", "example.com")]
    [InlineData(ValidationMethod.ConstructedEmail, "admin@example.net", null)]
    [InlineData(ValidationMethod.ConstructedEmail, "admin@net", "net")]
    [InlineData(ValidationMethod.CaaEmail, "nobody", "example.net")]
    [InlineData(ValidationMethod.CaaEmail, "it@example.com", "example.com")]
    [InlineData(ValidationMethod.TextEmail, "it@example.com", "net")]
    [InlineData(ValidationMethod.DnsText, "admin@example.net", null)]
    [InlineData(ValidationMethod.Http01, "admin@example.net", null)]
    public Task The_recipient_must_be_one_that_the_method_has(ValidationMethod method, string? recipient, string? domain) =>
        _world.IsRefusedAsync(StatedBy(method, s => s with { Recipient = recipient, Domain = domain }), RefusalReason.MethodNotAllowed);

    [Theory]
    [InlineData(ValidationMethod.CaaEmail, "it@elsewhere.example", null)]
    [InlineData(ValidationMethod.TextEmail, "it@elsewhere.example", "example.net")]
    public Task A_contact_that_a_record_names_may_be_anywhere(ValidationMethod method, string recipient, string? domain) =>
        _world.IsIssuedAsync(StatedBy(method, s => s with { Recipient = recipient, Domain = domain }));

    [Theory]
    [MemberData(nameof(Manual))]
    public void Under_webpki_e_mail_ends_with_all_that_it_proved(ValidationMethod method)
    {
        At(_world.Settings, s_emailEnds.AddSeconds(-1), null);
        At(_world.Settings with { Preset = PolicyPreset.WebPki }, s_emailEnds.AddSeconds(-1), null);
        At(_world.Settings, s_emailEnds, null);
        At(_world.Settings with { Preset = PolicyPreset.WebPki }, s_emailEnds, MethodRule.Of(method).IsEmail ? RefusalReason.MethodNotAllowed : null);

        void At(SigningSettings settings, DateTimeOffset at, RefusalReason? refusal)
        {
            // Proved while e-mail still counted.
            var checkedAt = at.AddDays(-1).ToUnixTimeSeconds();
            var evidence = StatedBy(method, s => s with { CheckedAt = checkedAt, ValueCreatedAt = checkedAt, CaaCheckedAt = at.ToUnixTimeSeconds() }).Build();
            var refused = Record.Exception(() => VerifiedRequest.FromEvidence(evidence, settings, new KeyHistoryCache(settings.Urls), at)) as RefusedException;
            Assert.Equal(refusal, refused?.Reason);
        }
    }

    private EvidenceBuilder StatedBy(ValidationMethod method, Func<ControlStatement, ControlStatement>? change = null)
    {
        var (evidence, rule) = (_world.Evidence(), MethodRule.Of(method));
        return evidence.StatedBy("alpha", s => (change ?? (same => same))(s with
        {
            Method = method,
            Section = rule.DnsSection!,
            AccountUrl = evidence.AccountUrl,
            ValueCreatedAt = rule.IsChallenge ? null : s.CheckedAt - 3600,
            Recipient = rule.IsEmail ? "hostmaster@example.net" : null,
            Domain = rule.IsEmail ? "example.net" : null,
            Dnssec = rule.LooksUpDns ? DnssecState.Insecure : DnssecState.Unchecked,
        }));
    }
}
