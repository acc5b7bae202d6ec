using CaServer.Domain;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>How many perspectives must agree; under webpki BR §3.2.2.9 by date.</summary>
public sealed class QuorumTests
{
    private static readonly DateTimeOffset s_beforeFive = new(2026, 12, 14, 23, 59, 59, TimeSpan.Zero);
    private static readonly DateTimeOffset s_five = new(2026, 12, 15, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public Task A_missing_perspective_leaves_the_quorum_unmet()
    {
        var world = OfTwo();
        return world.IsRefusedAsync(world.Evidence().StatedBy("alpha"), RefusalReason.QuorumNotMet, "1 of 2");
    }

    [Fact]
    public Task The_same_perspective_twice_counts_once()
    {
        var world = OfTwo();
        return world.IsRefusedAsync(world.Evidence().StatedBy("alpha").StatedBy("alpha", s => s with { Token = "another" }), RefusalReason.QuorumNotMet, "1 of 2");
    }

    [Fact]
    public Task Two_perspectives_that_agree_about_different_names_are_no_quorum_for_either()
    {
        var world = OfTwo();
        var evidence = world.Evidence().For("a.example.net", "b.example.net")
            .StatedBy("alpha", s => s with { Identifier = "a.example.net" })
            .StatedBy("beta", s => s with { Identifier = "b.example.net" });
        return world.IsRefusedAsync(evidence, RefusalReason.QuorumNotMet);
    }

    [Fact]
    public Task Two_perspectives_are_a_quorum_of_two()
    {
        var world = OfTwo();
        return world.IsIssuedAsync(world.Evidence().StatedBy("alpha").StatedBy("beta"));
    }

    [Fact]
    public async Task A_perspective_by_which_CAA_does_not_permit_the_name_does_not_agree()
    {
        var world = OfTwo();
        ControlStatement Forbidden(ControlStatement s) => s with { Caa = CaaState.Forbidden };
        await world.IsRefusedAsync(world.Evidence().StatedBy("alpha").StatedBy("beta", Forbidden), RefusalReason.CaaForbids);
        // With one more that is no harm, as little as one whose check failed.
        var three = OfTwo();
        await three.IsIssuedAsync(three.Evidence().StatedBy("alpha").StatedBy("beta").StatedBy("alpha", Forbidden));
    }

    [Fact]
    public Task Under_webpki_one_of_five_remotes_may_fail()
    {
        var world = SigningWorld.WebPki();
        return world.IsIssuedAsync(Public(world, "primary", "r1", "r2", "r3", "r4"));
    }

    [Fact]
    public Task Under_webpki_two_of_five_remotes_may_not_fail()
    {
        var world = SigningWorld.WebPki();
        return world.IsRefusedAsync(Public(world, "primary", "r1", "r2", "r4"), RefusalReason.QuorumNotMet, "3 of 5");
    }

    [Fact]
    public Task Under_webpki_the_primary_perspective_must_agree()
    {
        var world = SigningWorld.WebPki();
        return world.IsRefusedAsync(Public(world, "r1", "r2", "r3", "r4", "r5"), RefusalReason.QuorumNotMet, "primary");
    }

    [Fact]
    public Task Under_webpki_the_primary_perspective_must_validate_DNSSEC()
    {
        var world = SigningWorld.WebPki();
        var evidence = world.Evidence().For("www.example-shop.com").StatedBy("primary", s => s with { Dnssec = DnssecState.Unchecked });
        foreach (var remote in (string[])["r1", "r2", "r3", "r4"])
            evidence.StatedBy(remote);
        return world.IsRefusedAsync(evidence, RefusalReason.DnssecUnchecked);
    }

    [Fact]
    public Task Under_webpki_unchecked_CAA_is_refused()
    {
        var world = SigningWorld.WebPki();
        var evidence = world.Evidence().For("www.example-shop.com").StatedBy("primary", s => s with { Caa = CaaState.Unchecked, CaaCheckedAt = null });
        return world.IsRefusedAsync(evidence, RefusalReason.CaaUnchecked);
    }

    [Fact]
    public Task Under_webpki_CAA_is_never_older_than_eight_hours_whatever_the_operator_says()
    {
        var world = SigningWorld.WebPki();
        world.Settings = world.Settings with { MaxCaaAge = TimeSpan.FromDays(30) };
        var evidence = world.Evidence().For("www.example-shop.com")
            .StatedBy("primary", s => s with { CaaCheckedAt = SigningWorld.Now.AddHours(-8).AddSeconds(-1).ToUnixTimeSeconds() });
        return world.IsRefusedAsync(evidence, RefusalReason.CaaTooOld, "8 hours");
    }

    [Theory]
    [InlineData("2027-03-14T23:59:59Z", 200)]
    [InlineData("2027-03-15T00:00:00Z", 100)]
    [InlineData("2029-03-14T23:59:59Z", 100)]
    [InlineData("2029-03-15T00:00:00Z", 10)]
    public void Under_webpki_a_statement_may_be_relied_on_as_long_as_the_rules_of_the_day_say(string at, int days)
    {
        var settings = SigningWorld.WebPki().Settings with { MaxStatementAge = TimeSpan.FromDays(1000) };
        Assert.Equal(TimeSpan.FromDays(days), settings.MaxStatementAgeAt(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Four_remotes_are_enough_until_the_day_on_which_five_are_needed()
    {
        var policy = Corroborated(InternetRegistry.RipeNcc, InternetRegistry.RipeNcc, InternetRegistry.Arin, InternetRegistry.Arin);
        var agreeing = Agreeing("primary", "r0", "r1", "r2", "r3");
        Assert.Null(policy.Shortfall(agreeing, s_beforeFive));
        Assert.Contains("wants 5", policy.Shortfall(agreeing, s_five), StringComparison.Ordinal);
    }

    [Fact]
    public void Remotes_of_one_registry_region_are_not_enough()
    {
        var policy = Corroborated([.. Enumerable.Repeat(InternetRegistry.RipeNcc, 4), InternetRegistry.Arin]);
        Assert.Contains("1 registry region", policy.Shortfall(Agreeing("primary", "r0", "r1", "r2", "r3"), s_five), StringComparison.Ordinal);
        Assert.Null(policy.Shortfall(Agreeing("primary", "r0", "r1", "r2", "r4"), s_five));
    }

    [Theory]
    [InlineData(5, 4)]
    [InlineData(6, 4)]
    [InlineData(7, 5)]
    public void Two_failures_are_tolerated_from_six_remotes_on(int remotes, int needed)
    {
        var policy = Corroborated([.. Enumerable.Range(0, remotes).Select(i => i % 2 == 0 ? InternetRegistry.Apnic : InternetRegistry.Lacnic)]);
        string[] names = [.. Enumerable.Range(0, remotes).Select(i => $"r{i}")];
        Assert.Null(policy.Shortfall(Agreeing([.. names.Take(needed), "primary"]), s_five));
        Assert.NotNull(policy.Shortfall(Agreeing([.. names.Take(needed - 1), "primary"]), s_five));
    }

    [Fact]
    public void A_perspective_that_the_policy_does_not_name_does_not_count()
    {
        var policy = Corroborated(InternetRegistry.RipeNcc, InternetRegistry.RipeNcc, InternetRegistry.Arin, InternetRegistry.Arin, InternetRegistry.Apnic);
        Assert.NotNull(policy.Shortfall(Agreeing("primary", "r0", "r1", "r2", "x1", "x2"), s_five));
    }

    private static SigningWorld OfTwo()
    {
        var world = new SigningWorld("alpha", "beta");
        world.Settings = world.Settings with { Quorum = QuorumPolicy.AtLeast(2) };
        return world;
    }

    private static EvidenceBuilder Public(SigningWorld world, params string[] perspectives) =>
        perspectives.Aggregate(world.Evidence().For("www.example-shop.com"), (evidence, name) => evidence.StatedBy(name));

    private static QuorumPolicy Corroborated(params InternetRegistry[] regions) =>
        QuorumPolicy.Corroborated("primary", regions.Select((r, i) => (r, i)).ToDictionary(x => $"r{x.i}", x => new RemotePlace(x.r, null)));

    private static HashSet<string> Agreeing(params string[] names) => [.. names];
}
