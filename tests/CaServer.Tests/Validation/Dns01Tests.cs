using CaServer.Domain;
using CaServer.TestKit.Dns;
using CaServer.TestKit.Processes;
using CaServer.Validation;

namespace CaServer.Tests.Validation;

/// <summary>RFC 8555 §8.4.</summary>
public sealed class Dns01Tests : IAsyncLifetime
{
    private const string Record = "_acme-challenge." + CheckRig.Name;

    // printf %s "$key_authorization" | openssl dgst -sha256 -binary | basenc --base64url | tr -d =
    private const string Value = "xdGyW3wkNEjzUzdQf0VhJcAm_td9cXRd0t2VODwDsec";
    private const string Other = "AAAAaaaaAAAAaaaaAAAAaaaaAAAAaaaaAAAAaaaaAAA";
    private readonly ScriptedDnsServer _dns = new();

    private PerspectiveSettings _settings = new() { Name = "lab" };

    public ValueTask InitializeAsync()
    {
        _settings = _settings with { Resolvers = [_dns.Endpoint], DnsTimeout = TimeSpan.FromMilliseconds(500) };
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _dns.DisposeAsync();

    [Fact]
    public async Task A_TXT_record_with_the_digest_proves_the_name()
    {
        _dns.With(Record, DnsReply.Texts(Value));

        var outcome = await CheckAsync();

        var statement = CheckRig.Statement(outcome);
        Assert.Equal((ValidationMethod.Dns01, "3.2.2.4.7", CheckRig.Name), (statement.Method, statement.Section, statement.Identifier));
        Assert.Null(statement.Address);
        var step = Assert.Single(CheckTrace.Decode(outcome.Trace.Encode()).Steps.OfType<CheckStep.Texts>());
        Assert.Equal((Record, _dns.Endpoint.ToString(), Value, 1), (step.Name, step.Through, step.Values.Single(), step.Count));
    }

    public static TheoryData<string> Good => ["several", "split", "alias", "over TCP"];

    [Theory]
    [MemberData(nameof(Good))]
    public async Task It_may_be_one_of_several_in_several_strings_elsewhere_and_large(string how)
    {
        _dns.With(Record, how switch
        {
            "several" => DnsReply.Texts("", Other, Value, "v=spf1 -all"),
            "split" => DnsReply.SplitText(Value[..1], "", Value[1..40], Value[40..]),
            "alias" => DnsReply.Alias("challenges.corp.example", Other, Value),
            _ => DnsReply.Texts(Enumerable.Repeat(new string('x', 255), 90).Append(Value)),
        });
        CheckRig.Statement(await CheckAsync());
    }

    public static TheoryData<string> Failures =>
    [
        "nxdomain", "no record", "wrong", "several wrong", "not hashed", "altered", "case", "alias of nothing", "alias without record",
        "record of another name", "servfail", "refused", "silence", "garbage", "other name", "too many",
    ];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Each_failure_is_told_apart_and_says_what_to_publish_where(string kind)
    {
        var (reply, cause, type, seen) = kind switch
        {
            "nxdomain" => (DnsReply.UnknownName, FailureCause.NameUnknown, ProblemType.Dns, "does not exist (NXDOMAIN)"),
            "no record" => (DnsReply.Texts(), FailureCause.NoTextRecord, ProblemType.Unauthorized, "has no TXT record"),
            "wrong" => (DnsReply.Texts(Other), FailureCause.WrongText, ProblemType.Unauthorized, $"one TXT record, with another value: \"{Other}\""),
            "several wrong" => (DnsReply.Texts("a", "b", "c", "d", "e"), FailureCause.WrongText, ProblemType.Unauthorized, "5 TXT records, all with other values: \"a\", \"b\", \"c\" and 2 more"),
            "not hashed" => (DnsReply.Texts(CheckRig.KeyAuthorization), FailureCause.TextNotHashed, ProblemType.Unauthorized, CheckRig.KeyAuthorization),
            "altered" => (DnsReply.Texts($"\"{Value}\" "), FailureCause.TextAltered, ProblemType.Unauthorized, $"\"\\\"{Value}\\\" \""),
            "case" => (DnsReply.Texts(Value.ToUpperInvariant()), FailureCause.TextAltered, ProblemType.Unauthorized, Value.ToUpperInvariant()),
            "alias of nothing" => (DnsReply.AliasOfNothing("gone.example"), FailureCause.NameUnknown, ProblemType.Dns, "(an alias of gone.example)"),
            "alias without record" => (DnsReply.Alias("empty.example"), FailureCause.NoTextRecord, ProblemType.Unauthorized, "(an alias of empty.example)"),
            "record of another name" => (DnsReply.TextOf("other.example", Value), FailureCause.NoTextRecord, ProblemType.Unauthorized, "has no TXT record"),
            "servfail" => (DnsReply.ServerFailure, FailureCause.DnsError, ProblemType.Dns, "SERVFAIL"),
            "refused" => (DnsReply.Refused, FailureCause.DnsError, ProblemType.Dns, "REFUSED"),
            "silence" => (DnsReply.Silence, FailureCause.DnsTimeout, ProblemType.Dns, "did not answer the TXT question in time"),
            "garbage" => (DnsReply.Garbage, FailureCause.DnsGarbled, ProblemType.Dns, "cannot be read"),
            "other name" => (DnsReply.OfAnotherName("127.0.0.1"), FailureCause.DnsGarbled, ProblemType.Dns, "another question"),
            _ => (DnsReply.Texts(Enumerable.Repeat(Other, 100).Append(Value)), FailureCause.TooManyTexts, ProblemType.Unauthorized, "101 TXT records, of which the first 100 were read"),
        };
        if (kind == "silence")
            _settings = _settings with { DnsTimeout = TimeSpan.FromMilliseconds(100) };
        _dns.With(Record, reply);

        var failed = Assert.IsType<ValidationOutcome.Failed>(await CheckAsync());

        Assert.Equal((cause, type), (failed.Cause, failed.Problem.Type));
        Assert.Contains(seen, failed.Problem.Detail, StringComparison.Ordinal);
        Assert.StartsWith(Record, failed.Problem.Detail, StringComparison.Ordinal);
        var remedy = failed.Problem.Detail[failed.Problem.Detail.LastIndexOf(". ", StringComparison.Ordinal)..];
        Assert.Contains(Record, remedy, StringComparison.Ordinal);
        Assert.EndsWith(".", remedy, StringComparison.Ordinal);
        Assert.Contains($"\"{Value}\"", remedy, StringComparison.Ordinal);
        Assert.Single(failed.Trace.Steps.OfType<CheckStep.Texts>());
    }

    [Fact]
    public async Task What_was_found_is_shown_capped_and_printable()
    {
        _dns.With(Record, DnsReply.Texts(Enumerable.Repeat("\e[31m\"\\\r\nü" + new string('z', 200), 50)));

        var failed = Assert.IsType<ValidationOutcome.Failed>(await CheckAsync());

        Assert.Contains("\"\\x1b[31m\\\"\\\\\\r\\n", failed.Problem.Detail, StringComparison.Ordinal);
        Assert.All(failed.Problem.Detail, c => Assert.InRange(c, ' ', '~'));
        Assert.True(failed.Problem.Detail.Length < 1000, failed.Problem.Detail);
        Assert.True(failed.Trace.Encode().Length < 4000);
    }

    [Fact]
    public async Task A_name_below_localhost_needs_a_configured_resolver()
    {
        const string name = "shop.localhost";
        _dns.With("_acme-challenge." + name, DnsReply.Texts(Value));
        CheckRig.Statement(await CheckAsync(name));

        _settings = _settings with { Resolvers = [] };
        var failed = Assert.IsType<ValidationOutcome.Failed>(await CheckAsync(name));

        Assert.Equal((FailureCause.NoResolver, ProblemType.Dns), (failed.Cause, failed.Problem.Type));
        foreach (var word in (string[])["_acme-challenge." + name, Value, "Validation:Resolvers", ".localhost"])
            Assert.Contains(word, failed.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_and_a_name_too_long_for_a_record_are_not_begun()
    {
        var longest = string.Join('.', Enumerable.Repeat(new string('a', 58), 4)) + "."; // 236 characters
        foreach (var identifier in (Identifier[])[Identifier.Ip("192.0.2.1"), Identifier.Dns(longest + "bb")])
        {
            var failed = Assert.IsType<ValidationOutcome.Failed>(await CheckAsync(identifier));
            Assert.Equal((FailureCause.BadRequest, ProblemType.Malformed), (failed.Cause, failed.Problem.Type));
        }
        Assert.Empty(_dns.Questions);

        _dns.With("_acme-challenge." + longest + "b", DnsReply.Texts(Value));
        CheckRig.Statement(await CheckAsync(longest + "b"));
    }

    [Fact]
    public async Task A_real_name_server_is_asked_and_aliases_are_followed()
    {
        await using var server = await DnsTestServer.StartAsync(TestContext.Current.CancellationToken);
        await server.AddTextAsync(Record, Other);
        await server.AddTextAsync(Record, Value);
        await server.SetAliasAsync("_acme-challenge.alias.corp.example", Record);
        _settings = _settings with { Resolvers = [server.Endpoint] };

        CheckRig.Statement(await CheckAsync());
        var outcome = await CheckAsync("alias.corp.example");
        CheckRig.Statement(outcome);
        Assert.Equal(Record, outcome.Trace.Steps.OfType<CheckStep.Texts>().Single().Alias);
    }

    private Task<ValidationOutcome> CheckAsync(string name = CheckRig.Name) => CheckAsync(Identifier.Dns(name));

    private async Task<ValidationOutcome> CheckAsync(Identifier identifier)
    {
        using var perspective = new Perspective(_settings, CheckRig.Key, TimeProvider.System);
        return await perspective.CheckAsync(CheckRig.Request(identifier, ValidationMethod.Dns01), TestContext.Current.CancellationToken);
    }
}
