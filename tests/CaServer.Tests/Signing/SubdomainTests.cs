using CaServer.Domain;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>RFC 9444 at the signing core: what a proof of a domain is worth for the names below it.</summary>
public sealed class SubdomainTests
{
    private readonly SigningWorld _world = new("alpha", "beta");

    public SubdomainTests() => _world.Settings = _world.Settings with { SubdomainAuthorizations = true };

    [Theory]
    [InlineData("www.example.net")]
    [InlineData("a.b.c.example.net")]
    [InlineData("*.example.net")]
    [InlineData("*.a.example.net")]
    public Task A_domain_proved_with_all_names_below_proves_a_name_below(string name) =>
        _world.IsIssuedAsync(_world.Evidence().For(name).StatedBy("alpha", s => OfDomain(s)));

    [Fact]
    public Task It_proves_the_domain_itself_too() =>
        _world.IsIssuedAsync(_world.Evidence().For("example.net", "www.example.net").StatedBy("alpha", s => OfDomain(s)));

    [Fact]
    public async Task It_counts_only_if_the_operator_allows_it()
    {
        _world.Settings = _world.Settings with { SubdomainAuthorizations = false };
        await _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha", s => OfDomain(s)), RefusalReason.StatementForAnotherName, "example.net");
    }

    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    public Task It_counts_only_if_the_perspective_said_that_it_reaches_the_names_below(bool? stated) =>
        _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha", s => OfDomain(s) with { NamesBelow = stated }), RefusalReason.StatementForAnotherName);

    [Theory]
    [InlineData(ValidationMethod.Http01)]
    [InlineData(ValidationMethod.TlsAlpn01)]
    public Task A_method_that_proves_one_host_proves_no_name_below_whatever_the_perspective_says(ValidationMethod method) =>
        _world.IsRefusedAsync(
            _world.Evidence().StatedBy("alpha", s => OfDomain(s) with { Method = method, Section = MethodRule.Of(method).DnsSection! }), RefusalReason.StatementForAnotherName);

    [Theory]
    [InlineData("sub.www.example.net")] // below the name
    [InlineData("ww.example.net")] // beside it
    [InlineData("w.example.net")] // the end of its first label
    public Task A_proof_of_a_domain_that_is_not_above_the_name_is_refused(string domain) =>
        _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha", s => OfDomain(s, domain)), RefusalReason.StatementForAnotherName, domain);

    [Fact]
    public Task A_proof_that_no_name_of_the_order_needs_is_refused_beside_a_good_one() =>
        _world.IsRefusedAsync(
            _world.Evidence().StatedBy("alpha").StatedBy("alpha", s => OfDomain(s, "other.net")), RefusalReason.StatementForAnotherName, "other.net");

    [Fact]
    public async Task The_quorum_must_agree_about_one_domain()
    {
        _world.Settings = _world.Settings with { Quorum = QuorumPolicy.AtLeast(2) };
        await _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha", s => OfDomain(s)).StatedBy("beta", s => ByDns(s)), RefusalReason.QuorumNotMet, "1 of 2");
        await _world.IsRefusedAsync(
            _world.Evidence().For("a.b.example.net").StatedBy("alpha", s => OfDomain(s)).StatedBy("beta", s => OfDomain(s, "b.example.net")), RefusalReason.QuorumNotMet, "0 of 2");
        await _world.IsIssuedAsync(_world.Evidence().StatedBy("alpha", s => OfDomain(s)).StatedBy("beta", s => OfDomain(s)));
    }

    [Fact]
    public async Task A_domain_that_this_CA_does_not_certify_proves_nothing()
    {
        _world.Settings = _world.Settings with { Names = new NamePolicy(PolicyPreset.Private, [Identifier.Dns("www.example.net")]) };
        await _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha", s => OfDomain(s)), RefusalReason.QuorumNotMet);
    }

    [Fact]
    public Task The_age_of_the_proof_counts_as_for_any_other() =>
        _world.IsRefusedAsync(
            _world.Evidence().StatedBy("alpha", s => OfDomain(s) with { CheckedAt = SigningWorld.Now.AddDays(-31).ToUnixTimeSeconds() }), RefusalReason.StatementTooOld);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Under_webpki_each_perspective_must_have_looked_CAA_up_for_the_name_itself(bool looked)
    {
        var world = SigningWorld.WebPki();
        world.Settings = world.Settings with { SubdomainAuthorizations = true };
        var evidence = world.Evidence().For("www.example-shop.com");
        foreach (var perspective in new[] { "primary", "r1", "r2", "r4", "r5" })
        {
            evidence.StatedBy(perspective, s => OfDomain(s, "example-shop.com"));
            if (looked)
                evidence.CaaStatedBy(perspective, s => s with { Method = ValidationMethod.Dns01 });
        }
        return looked ? world.IsIssuedAsync(evidence) : world.IsRefusedAsync(evidence, RefusalReason.CaaUnchecked, "www.example-shop.com");
    }

    private static ControlStatement OfDomain(ControlStatement statement, string domain = "example.net") =>
        ByDns(statement) with { Identifier = domain, NamesBelow = true };

    private static ControlStatement ByDns(ControlStatement statement) =>
        statement with { Method = ValidationMethod.Dns01, Section = "3.2.2.4.7", Address = null };
}
