using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Tests.Pki.X509;

public sealed class CertificateProfileTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public void The_defaults_are_a_profile_under_both_presets()
    {
        foreach (var preset in Enum.GetValues<PolicyPreset>())
        {
            var dv = new CertificateProfile("dv", CertificateProfileOptions.Dv(), preset);
            Assert.Equal(TimeSpan.FromDays(90), dv.Validity);
            Assert.Equal("2.23.140.1.2.1", dv.PolicyOid);
            Assert.Equal(TimeSpan.FromHours(160), new CertificateProfile("shortlived", CertificateProfileOptions.ShortLived(), preset).Validity);
        }
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var options = new CertificateProfileOptions
        {
            Validity = TimeSpan.FromDays(201) + TimeSpan.FromMilliseconds(1),
            Backdate = TimeSpan.FromHours(49),
            MinRsaBits = 1024,
            MaxRsaBits = 512,
            PolicyOid = "2.23.140.1.2.2",
            KeyTypes = { (KeyKind)77 },
        };
        var e = Assert.Throws<InvalidProfileException>(() => new CertificateProfile("DV profile", options, PolicyPreset.WebPki));
        Assert.Equal(8, e.Faults.Count);
        foreach (var setting in new[] { "name", "Validity must be whole", "Validity must be between", "Backdate", "KeyTypes", "MinRsaBits", "MaxRsaBits", "PolicyOid" })
            Assert.Contains(e.Faults, f => f.Contains(setting, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2.5.29.32.0")]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("9.9.9")]
    [InlineData("1.2.x")]
    public void A_private_profile_needs_a_policy_too(string oid) => Assert.Throws<InvalidProfileException>(() => TestCa.Dv(o => o.PolicyOid = oid, PolicyPreset.Private));

    [Fact]
    public void A_profile_may_not_be_shorter_than_its_backdating() =>
        Assert.Throws<InvalidProfileException>(() => TestCa.Dv(o => (o.Validity, o.Backdate) = (TimeSpan.FromHours(1), TimeSpan.FromHours(1))));

    [Fact]
    public void A_period_counts_both_its_ends()
    {
        var ca = TestCa.Shared;
        var period = TestCa.Dv().PeriodAt(ca.Now.AddMilliseconds(700), ca.Issuer);
        Assert.Equal(ca.Now.AddHours(-1), period.NotBefore);
        Assert.Equal(ca.Now.AddHours(-1).AddDays(90) - s_second, period.NotAfter);
        Assert.Equal(TimeSpan.FromDays(90), period.Length);
    }

    [Fact]
    public void A_period_does_not_begin_before_the_issuers()
    {
        var ca = TestCa.Shared;
        var period = TestCa.Dv(o => o.Backdate = TimeSpan.FromHours(24)).PeriodAt(ca.Now, ca.Issuer);
        Assert.Equal(ca.Issuer.NotBefore, period.NotBefore);
        Assert.Equal(TimeSpan.FromDays(90), period.Length);
    }

    // BR §6.3.2, to the second, by the time of signing.
    [Theory]
    [InlineData("2026-03-14T23:59:59Z", 398)]
    [InlineData("2026-03-15T00:00:00Z", 200)]
    [InlineData("2027-03-14T23:59:59Z", 200)]
    [InlineData("2027-03-15T00:00:00Z", 100)]
    [InlineData("2029-03-14T23:59:59Z", 100)]
    [InlineData("2029-03-15T00:00:00Z", 47)]
    [InlineData("2036-01-01T00:00:00Z", 47)]
    public void The_calendar_changes_at_midnight(string signedAt, int days)
    {
        Assert.Equal(TimeSpan.FromDays(days), ValidityCalendar.Max(At(signedAt)));
        Assert.Equal(TimeSpan.FromDays(days - 1), ValidityCalendar.Recommended(At(signedAt)));
    }

    [Theory]
    [InlineData("2027-03-14T23:59:59Z", 199, 199)]
    [InlineData("2027-03-15T00:00:00Z", 199, 99)]
    [InlineData("2027-03-15T00:00:00Z", 100, 100)]
    [InlineData("2027-03-15T00:00:00Z", 90, 90)]
    [InlineData("2029-03-15T00:00:00Z", 90, 46)]
    public void A_public_profile_falls_with_the_calendar_and_a_private_one_does_not(string signedAt, int asked, int given)
    {
        var ca = new TestCa(At(signedAt));
        var contents = ca.Contents(TestCa.Dv(o => o.Validity = TimeSpan.FromDays(asked)));
        Assert.Equal(TimeSpan.FromDays(given), new ValidityPeriod(contents.NotBefore, contents.NotAfter).Length);
        Assert.DoesNotContain(CertificateLint.Check(ca.Leaf(contents), ca.Issuer, contents.Profile, ca.Now), f => f.Severity == LintSeverity.Error);
        Assert.Equal(TimeSpan.FromDays(asked), TestCa.Dv(o => o.Validity = TimeSpan.FromDays(asked), PolicyPreset.Private).PeriodAt(ca.Now, ca.Issuer).Length);
    }

    [Theory]
    [InlineData("2027-03-14T23:59:59Z", false)]
    [InlineData("2027-03-15T00:00:00Z", true)]
    public void The_lint_has_the_same_calendar(string signedAt, bool isFound)
    {
        var ca = new TestCa(At(signedAt));
        var contents = ca.Contents(TestCa.Dv(o => o.Validity = TimeSpan.FromDays(199)));
        contents = contents with { NotAfter = contents.NotBefore.AddDays(100) };
        var found = CertificateLint.Check(ca.Leaf(contents), ca.Issuer, contents.Profile, ca.Now);
        Assert.Equal(isFound, found.Any(f => f.Rule == "validity_too_long"));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text);
}
