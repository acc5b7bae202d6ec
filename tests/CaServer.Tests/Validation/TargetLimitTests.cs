using System.Net;
using CaServer.Domain;
using CaServer.TestKit.Dns;
using CaServer.Validation;
using CaServer.Validation.Connections;
using Microsoft.Extensions.Time.Testing;

namespace CaServer.Tests.Validation;

/// <summary>Checks go to one target only so often, so that orders cannot make the CA flood others.</summary>
public sealed class TargetLimitTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void An_address_has_room_again_as_time_goes_by()
    {
        var limits = Limits(2);
        Assert.Null(Use(limits, "192.0.2.1"));
        Assert.Null(Use(limits, "192.0.2.1"));
        var refusal = Use(limits, "192.0.2.1")!;
        Assert.Equal((FailureCause.TargetLimit, ProblemType.RateLimited), (refusal.Cause, refusal.Type));
        Assert.Contains("192.0.2.1 2 times within a minute", refusal.Seen, StringComparison.Ordinal);
        Assert.Contains("Validation:PerTarget", refusal.Remedy, StringComparison.Ordinal);
        Assert.Null(Use(limits, "192.0.2.2"));

        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(Use(limits, "192.0.2.1"));
        Assert.NotNull(Use(limits, "192.0.2.1"));
    }

    [Fact]
    public void An_address_is_the_same_in_whatever_form_it_is_carried()
    {
        var limits = Limits(1);
        Assert.Null(Use(limits, "192.0.2.1"));
        Assert.NotNull(Use(limits, "::ffff:192.0.2.1"));
        Assert.NotNull(Use(limits, "64:ff9b::192.0.2.1"));
    }

    [Fact]
    public void All_names_of_a_registered_domain_are_one_target()
    {
        var limits = new TargetLimits(
            new PerspectiveSettings { Name = "lab", MaxPerTarget = 1, Suffixes = PublicSuffixList.Parse(["// ===BEGIN ICANN DOMAINS===", "co.uk", "// ===END ICANN DOMAINS==="]) }, _clock);
        Assert.Null(limits.Use(Identifier.Dns("a.shop.co.uk")));
        Assert.NotNull(limits.Use(Identifier.Dns("b.shop.co.uk")));
        Assert.Null(limits.Use(Identifier.Dns("other.co.uk")));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public void Loopback_is_not_counted(string address)
    {
        var limits = Limits(1);
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Null(Use(limits, address)));
    }

    [Fact]
    public void Nothing_is_counted_where_the_operator_wants_no_limit()
    {
        var limits = Limits(0);
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Null(Use(limits, "192.0.2.1")));
    }

    [Fact]
    public async Task A_check_beyond_the_limit_asks_nobody()
    {
        await using var dns = new ScriptedDnsServer();
        using var perspective = new Perspective(new PerspectiveSettings { Name = "lab", Resolvers = [dns.Endpoint], MaxPerTarget = 1 }, CheckRig.Key, _clock);
        var request = CheckRig.Request(Identifier.Dns(CheckRig.Name), ValidationMethod.Dns01);
        await perspective.CheckAsync(request, TestContext.Current.CancellationToken);
        var asked = dns.Questions.Count;

        var failed = Assert.IsType<ValidationOutcome.Failed>(await perspective.CheckAsync(request, TestContext.Current.CancellationToken));

        Assert.Equal((FailureCause.TargetLimit, true), (failed.Cause, failed.MayPass));
        Assert.Equal(asked, dns.Questions.Count);
    }

    private TargetLimits Limits(int count) => new(new PerspectiveSettings { Name = "lab", MaxPerTarget = count }, _clock);

    private static Failure? Use(TargetLimits limits, string address) => limits.Use(IPAddress.Parse(address));
}
