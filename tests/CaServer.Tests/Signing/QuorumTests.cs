using CaServer.Domain;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>How many perspectives must agree; under webpki BR §3.2.2.9 by date.</summary>
public sealed class QuorumTests
{
    private static readonly DateTimeOffset s_beforeFive = new(2026, 12, 14, 23, 59, 59, TimeSpan.Zero);
    private static readonly DateTimeOffset s_five = new(2026, 12, 15, 0, 0, 0, TimeSpan.Zero);

    private static readonly (string, InternetRegistry, GeoPoint) s_frankfurt = ("Frankfurt", InternetRegistry.RipeNcc, new(50.11, 8.68));
    private static readonly (string, InternetRegistry, GeoPoint) s_paris = ("Paris", InternetRegistry.RipeNcc, new(48.86, 2.35));
    private static readonly (string, InternetRegistry, GeoPoint) s_newYork = ("NewYork", InternetRegistry.Arin, new(40.71, -74.01));
    private static readonly (string, InternetRegistry, GeoPoint) s_tokyo = ("Tokyo", InternetRegistry.Apnic, new(35.68, 139.69));
    private static readonly (string, InternetRegistry, GeoPoint) s_saoPaulo = ("SaoPaulo", InternetRegistry.Lacnic, new(-23.55, -46.63));
    private static readonly (string, InternetRegistry, GeoPoint) s_sydney = ("Sydney", InternetRegistry.Apnic, new(-33.87, 151.21));

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
    [InlineData(5, 0, true)]
    [InlineData(5, 1, true)]
    [InlineData(5, 2, false)]
    [InlineData(6, 2, true)]
    [InlineData(6, 3, false)]
    [InlineData(7, 2, true)]
    [InlineData(7, 3, false)]
    public void Of_five_remotes_one_may_fail_and_of_six_and_more_two(int remotes, int failures, bool isEnough)
    {
        var policy = Corroborated([.. Enumerable.Range(0, remotes).Select(i => i % 2 == 0 ? InternetRegistry.Apnic : InternetRegistry.Lacnic)]);
        var agreeing = Agreeing([.. Enumerable.Range(failures, remotes - failures).Select(i => $"r{i}"), "primary"]);
        Assert.Equal(isEnough, policy.Shortfall(agreeing, s_five) is null);
        Assert.Equal($"{remotes - failures}/{remotes}", policy.Agreement(agreeing, remotes + 1));
    }

    [Fact]
    public void Remotes_that_all_stand_in_one_registry_region_are_never_enough()
    {
        var policy = Corroborated([.. Enumerable.Repeat(InternetRegistry.RipeNcc, 6)]);
        Assert.Contains("1 registry region", policy.Shortfall(Agreeing("primary", "r0", "r1", "r2", "r3", "r4", "r5"), s_five), StringComparison.Ordinal);
    }

    [Fact]
    public void The_agreement_is_told_of_the_remotes_without_the_primary()
    {
        var policy = Corroborated(InternetRegistry.RipeNcc, InternetRegistry.RipeNcc, InternetRegistry.Arin, InternetRegistry.Arin, InternetRegistry.Apnic);
        Assert.Equal("4/5", policy.Agreement(Agreeing("primary", "r0", "r1", "r2", "r3"), 6));
        Assert.Equal("4/5", policy.Agreement(Agreeing("r0", "r1", "r2", "r3", "unknown"), 6));
        Assert.Equal("2/3", QuorumPolicy.AtLeast(2).Agreement(Agreeing("alpha", "beta"), 3));
    }

    [Fact]
    public void Two_remotes_closer_than_500_km_are_configured_as_one()
    {
        var policy = Placed(s_frankfurt, s_paris, s_newYork, s_tokyo, s_saoPaulo);
        var all = Agreeing("primary", "Frankfurt", "Paris", "NewYork", "Tokyo", "SaoPaulo");
        Assert.Contains("only 4 remote perspectives 500 km apart", policy.Shortfall(all, s_five), StringComparison.Ordinal);
        Assert.Null(policy.Shortfall(all, s_beforeFive));
        Assert.Equal("4/4", policy.Agreement(all, 6));
        Assert.Null(Placed(s_frankfurt, s_paris, s_newYork, s_tokyo, s_saoPaulo, s_sydney).Shortfall(Agreeing([.. all, "Sydney"]), s_five));
    }

    [Fact]
    public void Two_remotes_closer_than_500_km_agree_as_one_and_only_if_both_do()
    {
        var policy = Placed(s_frankfurt, s_paris, s_newYork, s_tokyo, s_saoPaulo, s_sydney);
        var withoutOne = Agreeing("primary", "Frankfurt", "Paris", "NewYork", "Tokyo", "SaoPaulo");
        Assert.Null(policy.Shortfall(withoutOne, s_five));
        Assert.Equal("4/5", policy.Agreement(withoutOne, 7));
        // The pair is one of five: its disagreement is the one failure that is tolerated, and with another one it is not.
        var withHalfAPair = Agreeing("primary", "Frankfurt", "NewYork", "Tokyo", "SaoPaulo", "Sydney");
        Assert.Null(policy.Shortfall(withHalfAPair, s_five));
        Assert.Equal("4/5", policy.Agreement(withHalfAPair, 7));
        var withHalfAPairAndWithoutOne = Agreeing("primary", "Frankfurt", "NewYork", "Tokyo", "SaoPaulo");
        Assert.Equal("3 of 5 remote perspectives agree and 4 must", policy.Shortfall(withHalfAPairAndWithoutOne, s_five));
        Assert.Equal("3/5", policy.Agreement(withHalfAPairAndWithoutOne, 7));
    }

    [Fact]
    public void A_chain_of_near_remotes_is_one_place()
    {
        // Brussels is near both, which are 700 km apart.
        (string, InternetRegistry, GeoPoint) brussels = ("Brussels", InternetRegistry.RipeNcc, new GeoPoint(50.85, 4.35));
        (string, InternetRegistry, GeoPoint) nantes = ("Nantes", InternetRegistry.RipeNcc, new GeoPoint(47.99, -0.20));
        (string, InternetRegistry, GeoPoint)[][] orders = [[s_frankfurt, brussels, nantes], [s_frankfurt, nantes, brussels], [brussels, nantes, s_frankfurt]];
        Assert.All(orders, order => Assert.Equal("1/1", Placed(order).Agreement(Agreeing("Frankfurt", "Brussels", "Nantes"), 4)));
    }

    [Theory]
    [InlineData(50.11, 8.68, 48.86, 2.35, 479)] // Frankfurt – Paris
    [InlineData(40.71, -74.01, 51.51, -0.13, 5585)] // New York – London
    [InlineData(-33.87, 151.21, -33.45, -70.67, 11340)] // Sydney – Santiago, across the date line
    [InlineData(35.68, 139.69, 37.77, -122.42, 8280)] // Tokyo – San Francisco, across the date line
    [InlineData(90, 0, -90, 135, 20004)] // from pole to pole
    [InlineData(12.5, 180, 12.5, -180, 0)]
    public void A_distance_is_right_within_one_percent(double north1, double east1, double north2, double east2, double kilometres)
    {
        var (one, other) = (new GeoPoint(north1, east1), new GeoPoint(north2, east2));
        Assert.InRange(one.DistanceTo(other), kilometres * 0.99, kilometres * 1.01 + 0.001);
        Assert.Equal(one.DistanceTo(other), other.DistanceTo(one), 6);
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

    private static QuorumPolicy Placed(params (string Name, InternetRegistry Registry, GeoPoint Point)[] remotes) =>
        QuorumPolicy.Corroborated("primary", remotes.ToDictionary(r => r.Name, r => new RemotePlace(r.Registry, r.Point)));

    private static HashSet<string> Agreeing(params string[] names) => [.. names];
}
