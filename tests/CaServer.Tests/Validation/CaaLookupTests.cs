using CaServer.TestKit.Dns;
using CaServer.Validation;
using CaServer.Validation.Caa;
using CaServer.Validation.Dns;
using Microsoft.Extensions.Time.Testing;

namespace CaServer.Tests.Validation;

public sealed class CaaLookupTests
{
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task That_the_names_above_have_no_record_is_asked_once_for_as_long_as_their_zone_says()
    {
        await using var dns = Zone(DnsReply.NoRecord(30));
        var lookup = Lookup(dns);

        await lookup.FindAsync("a.corp.example", Ct);
        await lookup.FindAsync("b.corp.example", Ct);
        Assert.Equal(["a.corp.example", "corp.example", "example", "b.corp.example"], Asked(dns), Same);

        _clock.Advance(TimeSpan.FromSeconds(31));
        await lookup.FindAsync("b.corp.example", Ct);
        Assert.Equal(["b.corp.example", "corp.example", "example"], Asked(dns).Skip(4), Same);
    }

    [Fact]
    public async Task That_a_name_itself_has_no_record_is_asked_each_time()
    {
        await using var dns = Zone(DnsReply.NoRecord(3600));
        var lookup = Lookup(dns);

        await lookup.FindAsync("a.corp.example", Ct);
        await lookup.FindAsync("a.corp.example", Ct);
        Assert.Equal(2, Asked(dns).Count(n => n == "a.corp.example"));
        Assert.Equal(1, Asked(dns).Count(n => n == "example"));

        await lookup.FindAsync("corp.example", Ct);
        Assert.Equal(2, Asked(dns).Count(n => n == "corp.example"));
    }

    [Fact]
    public async Task A_zone_that_wants_to_be_believed_for_long_is_believed_for_a_minute()
    {
        await using var dns = Zone(DnsReply.NoRecord(3600));
        var lookup = Lookup(dns);

        await lookup.FindAsync("a.corp.example", Ct);
        _clock.Advance(TimeSpan.FromSeconds(61));
        await lookup.FindAsync("b.corp.example", Ct);
        Assert.Equal(2, Asked(dns).Count(n => n == "corp.example"));
    }

    [Fact]
    public async Task Records_above_and_answers_that_do_not_say_for_how_long_are_asked_each_time()
    {
        await using var dns = Zone(DnsReply.Addresses()).With("corp.example", DnsReply.Caa(("issue", ";")));
        var lookup = Lookup(dns);

        for (var i = 0; i < 2; i++)
            Assert.Equal("corp.example", (await lookup.FindAsync("a.corp.example", Ct)).Set);
        Assert.Equal(2, Asked(dns).Count(n => n == "corp.example"));
        Assert.Equal(2, Asked(dns).Count(n => n == "example"));
    }

    // All names of one look-up are asked at once, in no order.
    private static IEqualityComparer<IEnumerable<string>> Same { get; } =
        EqualityComparer<IEnumerable<string>>.Create((a, b) => a!.Order(StringComparer.Ordinal).SequenceEqual(b!.Order(StringComparer.Ordinal)));

    private static List<string> Asked(ScriptedDnsServer dns) => [.. dns.Questions.Select(q => q.Name)];

    private static ScriptedDnsServer Zone(DnsReply nothing) =>
        new ScriptedDnsServer().With("a.corp.example", nothing).With("b.corp.example", nothing).With("corp.example", nothing).With("example", nothing);

    private CaaLookup Lookup(ScriptedDnsServer dns) => new(new NameServers(new PerspectiveSettings { Name = "local", Resolvers = [dns.Endpoint] }), retries: false, _clock);
}
