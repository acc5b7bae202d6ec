using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>What the linter refuses is not recorded and not signed (BR §4.3.1.2).</summary>
public sealed class LintGateTests
{
    [Fact]
    public Task A_certificate_against_the_rules_of_its_profile_is_refused_with_the_clause()
    {
        // The operator let the gate certify any name but asked for a public profile: only the linter sees the contradiction.
        var world = new SigningWorld();
        world.Settings = world.Settings with
        {
            Names = new NamePolicy(PolicyPreset.Private, []),
            Profiles = new Dictionary<string, CertificateProfile> { ["dv"] = new("dv", CertificateProfileOptions.Dv(), PolicyPreset.WebPki) },
        };
        return world.IsRefusedAsync(world.Evidence().For("intranet"), RefusalReason.LintFailed, "BR §");
    }

    [Fact]
    public async Task The_CA_key_signs_nothing_for_the_linter()
    {
        var world = new SigningWorld();
        await world.IsIssuedAsync(world.Evidence());
        Assert.Single(world.IssuingKey.SignedData);
        Assert.Equal(world.Journal.Records[0].Tbs, world.IssuingKey.SignedData[0]);
    }

    [Fact]
    public void An_error_refuses_and_a_warning_does_not()
    {
        var world = new SigningWorld();
        var tbs = SignedObject.Split(world.Ceremony.IssuingCertificate).ToBeSigned.ToArray();
        var warning = new LintFinding("w", LintSeverity.Warning, "BR §1", "Not recommended.");
        var error = new LintFinding("e", LintSeverity.Error, "BR §2", "Forbidden.");

        LintedObject.Require(tbs, world.Issuer.LintKey, _ => [warning]);
        var refused = Assert.Throws<RefusedException>(() => LintedObject.Require(tbs, world.Issuer.LintKey, _ => [warning, error]));
        Assert.Equal(RefusalReason.LintFailed, refused.Reason);
        Assert.Contains("Forbidden. (BR §2)", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Not recommended", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_linter_reads_the_very_octets_to_be_signed_under_a_signature_of_the_issuers_kind()
    {
        var world = new SigningWorld();
        var tbs = SignedObject.Split(world.Ceremony.IssuingCertificate).ToBeSigned.ToArray();
        LintedObject.Require(tbs, world.Issuer.LintKey, der =>
        {
            var parts = SignedObject.Split(der);
            Assert.Equal(tbs, parts.ToBeSigned.ToArray());
            Assert.False(world.Issuer.Certificate.Verifies(parts));
            Assert.Equal(world.Issuer.Key.AlgorithmIdentifier.ToArray(), parts.AlgorithmIdentifier.ToArray());
            return [];
        });
    }
}
