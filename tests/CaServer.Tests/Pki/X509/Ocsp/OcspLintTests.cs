using CaServer.Domain;
using CaServer.Pki.X509;
using static CaServer.Tests.Pki.X509.Ocsp.TestResponder;

namespace CaServer.Tests.Pki.X509.Ocsp;

/// <summary>Each rule about responses and responders' certificates finds what it is there for, and nothing in ours.</summary>
public sealed class OcspLintTests
{
    private static readonly TestCa s_ca = TestCa.Shared;

    [Fact]
    public void What_we_write_has_no_fault()
    {
        Assert.Empty(OcspResponseTests.Lint(Shared.Response([Single(), Single(OcspStatus.Revoked, RevocationReason.Superseded), Single(OcspStatus.Unknown)], new byte[32])));
        Assert.Empty(CertificateLint.CheckResponder(Shared.Der, s_ca.Issuer, PolicyPreset.WebPki, Now));
    }

    [Fact]
    public void A_response_must_not_live_too_long_or_too_short_or_beyond_its_responder()
    {
        Assert.Contains("ocsp_life", OcspResponseTests.Lint(Shared.Response([Single() with { NextUpdate = Now.AddDays(7).AddSeconds(1) }])));
        Assert.Contains("ocsp_life", OcspResponseTests.Lint(Shared.Response([Single(), Single() with { NextUpdate = Now.AddHours(8).AddSeconds(-1) }])));
        Assert.Contains("ocsp_life", OcspResponseTests.Lint(Shared.Response([Single() with { ThisUpdate = Now.AddSeconds(1) }])));
        var late = Shared.Contents.NotAfter.AddDays(-3);
        Assert.Contains("ocsp_past_responder", OcspResponseTests.Lint(Shared.Response([Single() with { ThisUpdate = late, NextUpdate = late.AddDays(4) }], producedAt: late)));
        Assert.Contains("ocsp_produced_outside_responder", OcspResponseTests.Lint(Shared.Response([Single()], producedAt: Shared.Contents.NotAfter.AddSeconds(1))));
    }

    [Fact]
    public void A_revocation_lies_before_and_has_a_reason_that_the_rules_allow()
    {
        Assert.Contains("ocsp_status", OcspResponseTests.Lint(Shared.Response([Single(OcspStatus.Revoked) with { RevokedAt = Now.AddSeconds(1) }])));
        Assert.Contains("ocsp_status", OcspResponseTests.Lint(Shared.Response([Single(OcspStatus.Revoked, (RevocationReason)6)])));
        Assert.Contains("ocsp_status", OcspResponseTests.Lint(Shared.Response([Single(OcspStatus.Revoked, RevocationReason.CaCompromise)])));
    }

    [Fact]
    public void A_response_names_its_issuer_and_comes_with_its_responders_certificate()
    {
        var foreign = new OcspIssuer(s_ca.Root).EncodeCertId(OcspHash.Sha1, SerialNumber.Generate());
        Assert.Contains("ocsp_issuer", OcspResponseTests.Lint(Shared.Response([Single() with { CertId = foreign }])));
        var other = OcspResponseTests.Lint(new TestResponder().Response([Single()]));
        Assert.Contains("ocsp_certificate", other);
        Assert.Contains("ocsp_responder_id", other);
        Assert.Contains("ocsp_no_single", OcspResponseTests.Lint(Shared.Response([])));
        Assert.Contains("not_an_ocsp_response", OcspResponseTests.Lint(OcspResponse.TryLater));
        Assert.Contains("ocsp_extensions", OcspResponseTests.Lint(Shared.Response([Single()], new byte[129])));
    }

    [Fact]
    public void A_responders_certificate_serves_that_purpose_alone()
    {
        Assert.Contains("responder_validity", Rules(Certificate(Shared.Contents with { NotAfter = Now.AddDays(91) })));
        Assert.Contains("responder_not_before_far_from_signing", Rules(Certificate(Shared.Contents with { NotBefore = Now.AddDays(-2) })));
        Assert.Contains("responder_country_missing", Rules(Certificate(Shared.Contents with { Subject = new CaSubject(null, "Example", "OCSP") })));
        // A subscriber's certificate is not one: another purpose, no nocheck, names, a CRL.
        var leaf = Rules(s_ca.Leaf(s_ca.Contents()));
        foreach (var rule in new[] { "responder_extended_key_usage", "responder_no_check", "responder_extension_not_permitted", "responder_subject_incomplete" })
            Assert.Contains(rule, leaf);
        // Nor is a CA's.
        Assert.Contains("responder_key_usage", Rules(s_ca.IssuingDer));
        Assert.Contains("responder_basic_constraints", Rules(s_ca.IssuingDer));
        Assert.Contains("responder_aki", Rules(s_ca.IssuingDer));
    }

    private static IReadOnlyList<string> Rules(byte[] der) => [.. CertificateLint.CheckResponder(der, s_ca.Issuer, PolicyPreset.WebPki, Now).Select(f => f.Rule)];
}
