using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>Settings that could never work stop the start, with every fault at once.</summary>
public sealed class SigningSettingsTests
{
    private readonly SigningWorld _world = new();

    [Fact]
    public void All_faults_are_told_at_once()
    {
        _world.Settings = _world.Settings with
        {
            Perspectives = new Dictionary<string, ECDsa>(),
            Profiles = new Dictionary<string, CertificateProfile>(),
            ProfileMethods = new Dictionary<string, IReadOnlyCollection<ValidationMethod>> { ["ov"] = [] },
            MaxCaaAge = TimeSpan.Zero,
        };
        var message = Assert.Throws<ArgumentException>(() => _world.Core).Message;
        Assert.Contains("No perspective", message, StringComparison.Ordinal);
        Assert.Contains("No profile", message, StringComparison.Ordinal);
        Assert.Contains("'ov'", message, StringComparison.Ordinal);
        Assert.Contains("must be positive", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quorum_that_the_perspectives_cannot_reach_is_a_fault() =>
        Faulty(s => s with { Quorum = QuorumPolicy.AtLeast(2) }, "only 1 are configured");

    [Fact]
    public void A_quorum_that_counts_on_a_perspective_without_a_key_is_a_fault() =>
        Faulty(s => s with { Quorum = QuorumPolicy.Corroborated("alpha", new Dictionary<string, RemotePlace> { ["beta"] = new(InternetRegistry.Arin, null) }) }, "'beta'");

    [Fact]
    public void A_mere_number_of_perspectives_is_no_quorum_under_webpki() =>
        Faulty(s => s with { Preset = PolicyPreset.WebPki }, "BR §3.2.2.9");

    [Fact]
    public void A_perspective_with_another_kind_of_key_is_a_fault() =>
        Faulty(s => s with { Perspectives = new Dictionary<string, ECDsa> { ["alpha"] = ECDsa.Create(ECCurve.NamedCurves.nistP384) } }, "not a P-256 key");

    [Fact]
    public void A_quorum_of_none_is_no_quorum() => Assert.Throws<ArgumentOutOfRangeException>(() => QuorumPolicy.AtLeast(0));

    [Fact]
    public void A_primary_perspective_is_not_remote_to_itself() =>
        Assert.Throws<ArgumentException>(() => QuorumPolicy.Corroborated("a", new Dictionary<string, RemotePlace> { ["a"] = new(InternetRegistry.Arin, null) }));

    [Theory]
    [InlineData("https://status.example.net")]
    [InlineData("http://status.example.net/?x=1")]
    [InlineData("ftp://status.example.net")]
    public void A_status_URL_that_no_certificate_may_have_is_refused(string url) =>
        Assert.Throws<ArgumentException>(() => new StatusUrls(new Uri(url)));

    [Fact]
    public void Every_refusal_tells_the_client_something() =>
        Assert.All(Enum.GetValues<RefusalReason>(), r => Assert.NotEmpty(new IssuanceResult.Refused(r, "Why.", null).ToProblem().Urn));

    private void Faulty(Func<SigningSettings, SigningSettings> change, string part)
    {
        _world.Settings = change(_world.Settings);
        Assert.Contains(part, Assert.Throws<ArgumentException>(() => _world.Core).Message, StringComparison.Ordinal);
    }
}
