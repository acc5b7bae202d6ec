using System.Net;
using CaServer.Domain;

namespace CaServer.Tests.Limits;

public sealed class LimitRulesTests
{
    private static readonly AccountId s_account = new(12);
    private static readonly PublicSuffixList s_suffixes = PublicSuffixList.Parse(["org", "uk", "co.uk"]);

    private static readonly LimitDefaults s_defaults = new(
        Enum.GetValues<LimitKind>().Where(k => k != LimitKind.PendingAuthorizations).ToDictionary(k => k, _ => new RateLimit(10, TimeSpan.FromHours(1), 10)),
        300);

    [Theory]
    [InlineData("192.0.2.77", "192.0.2.77/32", "192.0.2.0/24", "the address 192.0.2.77")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48", "the address 2001:db8:1:2::/64")]
    public void An_account_counts_for_its_address_and_for_its_network(string client, string address, string network, string holder)
    {
        var uses = Rules().NewAccount(IPAddress.Parse(client));
        Assert.Equal([(LimitKind.AccountsPerAddress, address), (LimitKind.AccountsPerNetwork, network)], uses.Select(u => (u.Limit, u.Key)));
        Assert.Equal(holder, uses[0].Holder);
    }

    [Fact]
    public void A_certificate_counts_once_for_each_registered_domain_and_once_for_its_names()
    {
        var names = Names("b.example.org", "a.example.org", "*.example.org", "x.example.co.uk", "co.uk");
        Assert.Equal(
            [
                (LimitKind.CertificatesPerDomain, "example.org"), (LimitKind.CertificatesPerDomain, "example.co.uk"), (LimitKind.CertificatesPerDomain, "co.uk"),
                (LimitKind.CertificatesPerNames, "*.example.org,a.example.org,b.example.org,co.uk,x.example.co.uk"),
            ],
            Rules().Certificate(s_account, names, isRenewal: false).Select(u => (u.Limit, u.Key)));
    }

    [Fact]
    public void The_order_of_names_does_not_matter_and_a_long_set_is_known_by_its_hash()
    {
        var names = Names([.. Enumerable.Range(0, 50).Select(i => $"host-{i:000}.example.org")]);
        var key = Rules().Certificate(s_account, names, false)[^1].Key;
        Assert.Matches("^sha256:[0-9a-f]{64}$", key);
        Assert.Equal(key, Rules().Certificate(s_account, [.. names.Reverse()], false)[^1].Key);
        Assert.NotEqual(key, Rules().Certificate(s_account, [.. names.Skip(1)], false)[^1].Key);
    }

    [Fact]
    public void Addresses_have_no_registered_domain()
    {
        Identifier[] names = [Identifier.Ip("192.0.2.1"), Identifier.Ip("2001:db8::1"), Identifier.Ip("2001:db8::2")];
        Assert.Equal(
            ["192.0.2.1", "2001:db8::/64"],
            Rules().Certificate(s_account, names, false).Where(u => u.Limit == LimitKind.CertificatesPerDomain).Select(u => u.Key));
    }

    [Fact]
    public void An_order_uses_itself_only_and_looks_whether_there_is_room_for_the_certificate()
    {
        var limits = Rules().NewOrder(s_account, Names("a.example.org"), isRenewal: false);
        Assert.Equal([(LimitKind.OrdersPerAccount, "12")], limits.Uses.Select(u => (u.Limit, u.Key)));
        Assert.Equal(
            [(LimitKind.CertificatesPerDomain, "example.org"), (LimitKind.CertificatesPerNames, "a.example.org"), (LimitKind.FailedValidations, "12 a.example.org")],
            limits.MustHaveRoom.Select(u => (u.Limit, u.Key)));
        Assert.Equal(300, limits.MaxPending);
    }

    [Fact]
    public void A_renewal_counts_for_nothing_but_its_failures_and_what_is_pending()
    {
        var limits = Rules().NewOrder(s_account, Names("a.example.org"), isRenewal: true);
        Assert.Empty(limits.Uses);
        Assert.Equal([LimitKind.FailedValidations], limits.MustHaveRoom.Select(u => u.Limit));
        Assert.Equal(300, limits.MaxPending);
        Assert.Empty(Rules().Certificate(s_account, Names("a.example.org"), isRenewal: true));
    }

    [Fact]
    public void Without_limits_nothing_counts()
    {
        var rules = new LimitRules(LimitDefaults.None, [], s_suffixes);
        Assert.Empty(rules.NewAccount(IPAddress.Loopback));
        var order = rules.NewOrder(s_account, Names("a.example.org"), false);
        Assert.Equal((0, 0, (long?)null), (order.Uses.Count, order.MustHaveRoom.Count, order.MaxPending));
        Assert.Empty(rules.Certificate(s_account, Names("a.example.org"), false));
        Assert.Null(rules.FailedValidation(s_account, Identifier.Dns("a.example.org")));
    }

    [Fact]
    public void The_longest_domain_with_an_exception_counts_on_its_own()
    {
        var rules = Rules(
            Exception(LimitKind.CertificatesPerDomain, "dyn.example.org", 1000), Exception(LimitKind.CertificatesPerDomain, "x.dyn.example.org", 7));
        Assert.Equal(
            [("example.org", 10), ("dyn.example.org", 1000), ("x.dyn.example.org", 7)],
            rules.Certificate(s_account, Names("a.example.org", "one.dyn.example.org", "two.dyn.example.org", "x.dyn.example.org", "notdyn.example.org"), false)
                .Where(u => u.Limit == LimitKind.CertificatesPerDomain).Select(u => (u.Key, u.Rate.Count)));
    }

    [Fact]
    public void An_exception_for_the_account_goes_before_one_for_the_domain_and_is_counted_apart_from_others()
    {
        var rules = Rules(Exception(LimitKind.CertificatesPerDomain, "example.org", 1000), Exception(LimitKind.CertificatesPerDomain, "12", 7));
        var use = rules.Certificate(s_account, Names("a.example.org"), false)[0];
        Assert.Equal(("example.org 12", 7), (use.Key, use.Rate.Count));
        use = rules.Certificate(new AccountId(13), Names("a.example.org"), false)[0];
        Assert.Equal(("example.org", 1000), (use.Key, use.Rate.Count));
    }

    [Fact]
    public void An_exception_can_take_a_limit_away_and_bring_one_that_there_is_not()
    {
        var rules = Rules(
            Exception(LimitKind.OrdersPerAccount, "12", null), Exception(LimitKind.PendingAuthorizations, "12", null), Exception(LimitKind.CertificatesPerNames, "example.org", null),
            Exception(LimitKind.CertificatesPerDomain, "12", null), Exception(LimitKind.FailedValidations, "example.org", null));
        var order = rules.NewOrder(s_account, Names("a.example.org"), false);
        Assert.Equal((0, 0, (long?)null), (order.Uses.Count, order.MustHaveRoom.Count, order.MaxPending));
        // One of the names has no exception: the set has none.
        Assert.Contains(rules.Certificate(s_account, Names("a.example.org", "a.example.co.uk"), false), u => u.Limit == LimitKind.CertificatesPerNames);

        rules = new LimitRules(LimitDefaults.None, [Exception(LimitKind.CertificatesPerDomain, "example.org", 3)], s_suffixes);
        Assert.Equal(["example.org"], rules.Certificate(s_account, Names("a.example.org", "b.example.co.uk"), false).Select(u => u.Key));
    }

    [Fact]
    public void The_smallest_block_with_an_exception_counts_as_a_whole()
    {
        var rules = Rules(Exception(LimitKind.AccountsPerAddress, "10.0.0.0/8", 100), Exception(LimitKind.AccountsPerAddress, "10.1.0.0/16", 200), Exception(LimitKind.AccountsPerNetwork, "10.0.0.0/8", null));
        var use = Assert.Single(rules.NewAccount(IPAddress.Parse("10.1.2.3")));
        Assert.Equal((LimitKind.AccountsPerAddress, "10.1.0.0/16", 200), (use.Limit, use.Key, use.Rate.Count));
        Assert.Equal(("10.0.0.0/8", 100), Assert.Single(rules.NewAccount(IPAddress.Parse("10.2.0.1")).Select(u => (u.Key, u.Rate.Count))));
        Assert.Equal(2, rules.NewAccount(IPAddress.Parse("192.0.2.1")).Count);
    }

    [Theory]
    [InlineData("12", "12")]
    [InlineData("Example.ORG", "example.org")]
    [InlineData("192.0.2.1", "192.0.2.1/32")]
    [InlineData("192.0.2.0/24", "192.0.2.0/24")]
    [InlineData("2001:DB8::1", "2001:db8::1/128")]
    [InlineData("2001:db8::/48", "2001:db8::/48")]
    public void A_subject_reads_back_as_it_is_shown(string text, string shown)
    {
        Assert.True(LimitSubject.TryParse(text, out var subject, out _));
        Assert.Equal(shown, subject.ToString());
        Assert.True(LimitSubject.TryParse(shown, out var again, out _));
        Assert.Equal(subject, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("99999999999999999999")]
    [InlineData("*.example.org")]
    [InlineData("exa mple")]
    [InlineData("192.0.2.1/24")]
    [InlineData("192.0.2.0/33")]
    [InlineData(":")]
    public void What_is_no_subject_is_refused_with_a_reason(string text)
    {
        Assert.False(LimitSubject.TryParse(text, out _, out var fault));
        Assert.NotEmpty(fault);
    }

    private static LimitRules Rules(params LimitOverride[] exceptions) => new(s_defaults, exceptions, s_suffixes);

    private static Identifier[] Names(params string[] names) => [.. names.Select(Identifier.Dns)];

    private static LimitOverride Exception(LimitKind limit, string subject, int? count) => new()
    {
        Limit = limit,
        Subject = LimitSubject.TryParse(subject, out var parsed, out var fault) ? parsed : throw new FormatException(fault),
        Count = count,
        Period = count is null || limit == LimitKind.PendingAuthorizations ? null : TimeSpan.FromDays(1),
        Burst = limit == LimitKind.PendingAuthorizations ? null : count,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
