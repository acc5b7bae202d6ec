using CaServer.Domain;
using CaServer.TestKit.Dns;
using CaServer.Validation;
using Microsoft.Extensions.Time.Testing;

namespace CaServer.Tests.Validation;

/// <summary>draft-ietf-acme-dns-persist-02, BR §3.2.2.4.22.</summary>
public sealed class DnsPersist01Tests : IAsyncDisposable
{
    private const string Record = "_validation-persist." + CheckRig.Name;
    private const string Prefix = "https://ca.example/acme/account-hash/";
    private const string AccountUrl = "https://ca.example/acme/account/1";
    private const string OtherThumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";

    private static readonly DateTimeOffset s_now = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
    private static readonly Identifier s_name = Identifier.Dns(CheckRig.Name);
    private static readonly string s_uri = DnsPersist01.AccountUris(Prefix, s_name, CheckRig.Thumbprint, AccountUrl).ForName;
    private static readonly string s_anyName = DnsPersist01.AccountUris(Prefix, s_name, CheckRig.Thumbprint, AccountUrl).ForAnyName;
    private static readonly string s_ofEarlierKey = DnsPersist01.AccountUris(Prefix, s_name, OtherThumbprint, AccountUrl).ForName;

    private readonly ScriptedDnsServer _dns = new();

    private PerspectiveSettings _settings = new()
    {
        Name = "lab",
        DnsTimeout = TimeSpan.FromMilliseconds(500),
        IssuerNames = ["ca.example", "pki.example.net"],
        AccountHashPrefix = Prefix,
    };

    public ValueTask DisposeAsync() => _dns.DisposeAsync();

    [Fact]
    public async Task A_record_that_names_the_CA_and_the_account_proves_the_name_and_no_names_below()
    {
        _dns.With(Record, DnsReply.Texts($"ca.example; accounturi={s_uri}"));

        var outcome = await CheckAsync();

        var statement = CheckRig.Statement(outcome);
        Assert.Equal((ValidationMethod.DnsPersist01, "3.2.2.4.22", CheckRig.Name), (statement.Method, statement.Section, statement.Identifier));
        Assert.Equal((AccountUrl, CheckRig.Thumbprint, false, null), (statement.AccountUrl, statement.Thumbprint, statement.NamesBelow, statement.RelyUntil));
        Assert.Single(outcome.Trace.Steps.OfType<CheckStep.Texts>());
    }

    public static TheoryData<string> GoodRecords() =>
    [
        $"pki.example.net; accounturi={s_uri}",
        $"CA.Example;accounturi={s_uri}",
        $" \tca.example ;\taccounturi = {s_uri}\t; policy=WildCard ",
        $"ca.example; AccountUri={s_uri}; PERSISTUNTIL={s_now.ToUnixTimeSeconds()}",
        $"ca.example; accounturi={s_anyName}",
        $"ca.example; unheard-of=x; accounturi={s_uri}; policy=other; persistUntil=99999999999999999999999; unheard-of=y",
    ];

    [Theory]
    [MemberData(nameof(GoodRecords))]
    public async Task Names_tags_and_policy_know_no_letter_case_and_unknown_parameters_do_not_matter(string value)
    {
        _dns.With(Record, DnsReply.Texts("v=spf1 -all", "other.example; accounturi=x", $"ca.example; accounturi={Prefix}sha-256/x", value));

        CheckRig.Statement(await CheckAsync());
    }

    [Fact]
    public async Task A_wildcard_needs_the_policy_and_the_statement_says_so()
    {
        _dns.With(Record, DnsReply.Texts(
            $"ca.example; accounturi={s_uri}",
            $"ca.example; accounturi={s_uri}; policy=wildcard; persistUntil={s_now.ToUnixTimeSeconds() + 60}",
            $"ca.example; accounturi={s_uri}; policy=wildcard; persistUntil={s_now.ToUnixTimeSeconds() + 3600}"));

        var statement = CheckRig.Statement(await CheckAsync(namesBelow: true));

        Assert.Equal((true, s_now.ToUnixTimeSeconds() + 3600), (statement.NamesBelow, statement.RelyUntil));
    }

    [Fact]
    public async Task A_record_made_with_an_earlier_key_goes_back_to_that_key()
    {
        _dns.With(Record, DnsReply.Texts($"ca.example; accounturi={s_ofEarlierKey}"));
        Assert.IsType<ValidationOutcome.Failed>(await CheckAsync());

        Assert.Equal(OtherThumbprint, CheckRig.Statement(await CheckAsync(earlier: [OtherThumbprint])).Thumbprint);
    }

    [Fact]
    public async Task The_plain_account_URL_counts_only_where_it_is_allowed()
    {
        _dns.With(Record, DnsReply.Texts($"ca.example; accounturi={AccountUrl}"));
        var failed = Assert.IsType<ValidationOutcome.Failed>(await CheckAsync());
        Assert.Equal(FailureCause.PersistOtherAccount, failed.Cause);

        _settings = _settings with { AcceptsPlainAccountUrl = true };
        Assert.Equal(AccountUrl, CheckRig.Statement(await CheckAsync()).AccountUrl);
    }

    public static TheoryData<string> Failures =>
    [
        "nxdomain", "no record", "other issuer", "other account", "URI in capitals", "expired", "no wildcard", "no accounturi", "twice", "bad persistUntil",
        "negative persistUntil", "trailing semicolon", "blank in value", "no equals sign", "bad tag", "nearest", "servfail",
    ];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Each_failure_is_told_apart_and_says_what_to_publish_where(string kind)
    {
        var good = $"ca.example; accounturi={s_uri}";
        var past = s_now.ToUnixTimeSeconds() - 1;
        var (reply, cause, type, seen) = kind switch
        {
            "nxdomain" => (DnsReply.UnknownName, FailureCause.NameUnknown, ProblemType.Dns, "does not exist (NXDOMAIN)"),
            "no record" => (DnsReply.Texts(), FailureCause.NoTextRecord, ProblemType.Unauthorized, "has no TXT record"),
            "other issuer" => (DnsReply.Texts($"letsencrypt.example; accounturi={s_uri}"), FailureCause.PersistOtherIssuer, ProblemType.Unauthorized, "does not name this CA: \"letsencrypt.example;"),
            "other account" => (DnsReply.Texts($"ca.example; accounturi={s_ofEarlierKey}"), FailureCause.PersistOtherAccount, ProblemType.Unauthorized, "names another account"),
            "URI in capitals" => (DnsReply.Texts($"ca.example; accounturi={s_uri.ToUpperInvariant()}"), FailureCause.PersistOtherAccount, ProblemType.Unauthorized, "names another account"),
            "expired" => (DnsReply.Texts($"{good}; persistUntil={past}"), FailureCause.PersistExpired, ProblemType.Unauthorized, "has run out"),
            "no wildcard" => (DnsReply.Texts($"{good}; policy=all"), FailureCause.PersistNoWildcard, ProblemType.Unauthorized, "needs policy=wildcard"),
            "no accounturi" => (DnsReply.Texts("ca.example; policy=wildcard"), FailureCause.PersistMalformed, ProblemType.Malformed, "has no accounturi"),
            "twice" => (DnsReply.Texts($"{good}; ACCOUNTURI={s_uri}"), FailureCause.PersistMalformed, ProblemType.Malformed, "has the parameter accounturi twice"),
            "bad persistUntil" => (DnsReply.Texts($"{good}; persistUntil=2030-01-01"), FailureCause.PersistMalformed, ProblemType.Malformed, "not a number of seconds"),
            "negative persistUntil" => (DnsReply.Texts($"{good}; persistUntil=-1"), FailureCause.PersistMalformed, ProblemType.Malformed, "not a number of seconds"),
            "trailing semicolon" => (DnsReply.Texts($"{good};"), FailureCause.PersistMalformed, ProblemType.Malformed, "ends with a semicolon"),
            "blank in value" => (DnsReply.Texts($"{good} policy=wildcard"), FailureCause.PersistMalformed, ProblemType.Malformed, "has blanks"),
            "no equals sign" => (DnsReply.Texts($"{good}; wildcard"), FailureCause.PersistMalformed, ProblemType.Malformed, "without an equals sign"),
            "bad tag" => (DnsReply.Texts($"{good}; policy_=wildcard"), FailureCause.PersistMalformed, ProblemType.Malformed, "tag is not letters"),
            "nearest" => (DnsReply.Texts("ca.example", $"{good}; persistUntil={past}", $"ca.example; accounturi={s_ofEarlierKey}"), FailureCause.PersistExpired, ProblemType.Unauthorized, "has run out"),
            _ => (DnsReply.ServerFailure, FailureCause.DnsError, ProblemType.Dns, "SERVFAIL"),
        };
        _dns.With(Record, reply);

        var failed = Assert.IsType<ValidationOutcome.Failed>(await CheckAsync(namesBelow: kind == "no wildcard"));

        Assert.Equal((cause, type), (failed.Cause, failed.Problem.Type));
        Assert.StartsWith(Record, failed.Problem.Detail, StringComparison.Ordinal);
        Assert.Contains(seen, failed.Problem.Detail, StringComparison.Ordinal);
        Assert.Contains($"\"{good}{(kind == "no wildcard" ? "; policy=wildcard" : "")}\"", failed.Problem.Detail, StringComparison.Ordinal);
        Assert.EndsWith(".", failed.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_perspective_that_knows_no_name_of_the_CA_does_not_begin()
    {
        _settings = _settings with { IssuerNames = [] };

        Assert.Equal(FailureCause.BadRequest, Assert.IsType<ValidationOutcome.Failed>(await CheckAsync()).Cause);
        Assert.Empty(_dns.Questions);
    }

    private async Task<ValidationOutcome> CheckAsync(bool namesBelow = false, string[]? earlier = null)
    {
        using var perspective = new Perspective(_settings with { Resolvers = [_dns.Endpoint] }, CheckRig.Key, new FakeTimeProvider(s_now));
        return await perspective.CheckAsync(
            CheckRig.Request(s_name, ValidationMethod.DnsPersist01) with { AccountUrl = AccountUrl, NamesBelow = namesBelow, EarlierThumbprints = earlier ?? [] },
            TestContext.Current.CancellationToken);
    }
}
