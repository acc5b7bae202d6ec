using CaServer.Domain;
using CaServer.Validation;
using CaServer.Validation.Caa;

namespace CaServer.Tests.Validation;

/// <summary>RFC 8659 §4 and RFC 8657, record set by record set.</summary>
public sealed class CaaAnswerTests
{
    private const string Account = "https://ca.example/acme/account/1";

    // Flags, tag and value, as in a zone file; null: permitted.
    public static TheoryData<string, FailureCause?> Sets => new()
    {
        { "0 issue ca.example", null },
        { "0 ISSUE CA.Example", null },
        { "0 issue  ca.example ", null },
        { "0 issue ca.example;", null },
        { "0 issue second.example", null },
        { "0 iodef mailto:a@b.example", null },
        { "0 issuewild ;", null },
        { "0 issuemail other.example", null },
        { "128 issue ca.example", null },
        { "128 contactemail a@b.example", null },
        { "64 tbs x", null },
        { "128 tbs x", FailureCause.CaaCritical },
        { "1 tbs x", FailureCause.CaaCritical },
        { "0 issue ca.example|128 tbs x", FailureCause.CaaCritical },
        { "0 issue ;", FailureCause.CaaNoIssuer },
        { "0 issue ", FailureCause.CaaNoIssuer },
        { "0 issue ;|0 issue ca.example", null },
        { "0 issue %%%%%", FailureCause.CaaOtherIssuer },
        { "0 issue other.example", FailureCause.CaaOtherIssuer },
        { "0 issue sub.ca.example", FailureCause.CaaOtherIssuer },
        { "0 issue example", FailureCause.CaaOtherIssuer },
        { "0 issue ca.example; tag", FailureCause.CaaMalformed },
        { "0 issue ca.example; tag=a b", FailureCause.CaaMalformed },
        { "0 issue ca.example; tag|0 issue ca.example", null },
        { "0 issue ca.example; unknown=1", null },
        { $"0 issue ca.example; accounturi={Account}", null },
        { $"0 issue ca.example; ACCOUNTURI={Account}", null },
        { "0 issue ca.example; accounturi=https://ca.example/acme/account/12", FailureCause.CaaOtherAccount },
        { "0 issue ca.example; accounturi=", FailureCause.CaaOtherAccount },
        { $"0 issue ca.example; accounturi={Account}; accounturi={Account}", FailureCause.CaaMalformed },
        { $"0 issue ca.example; accounturi=x|0 issue ca.example; accounturi={Account}", null },
        { "0 issue ca.example; validationmethods=http-01", null },
        { "0 issue ca.example; validationmethods=dns-01,http-01", null },
        { "0 issue ca.example; validationmethods=ca-tbr-19", null },
        { "0 issue ca.example; validationmethods=dns-01", FailureCause.CaaOtherMethod },
        { "0 issue ca.example; validationmethods=ca-tbr-7", FailureCause.CaaOtherMethod },
        { "0 issue ca.example; validationmethods=HTTP-01", FailureCause.CaaOtherMethod },
        { "0 issue ca.example; validationmethods=", FailureCause.CaaOtherMethod },
        { "0 issue ca.example; validationmethods=http-01; validationmethods=dns-01", FailureCause.CaaMalformed },
        { $"0 issue ca.example; accounturi={Account}; validationmethods=dns-01", FailureCause.CaaOtherMethod },
    };

    public static TheoryData<string, FailureCause?> WildcardSets => new()
    {
        { "0 issue ca.example", null },
        { "0 issue ;", FailureCause.CaaNoIssuer },
        { "0 issue ;|0 issuewild ca.example", null },
        { "0 issue ca.example|0 issuewild ;", FailureCause.CaaNoIssuer },
        { "0 issue ca.example|0 issuewild other.example", FailureCause.CaaOtherIssuer },
        { "0 issuewild other.example|0 issuewild ca.example", null },
    };

    [Theory]
    [MemberData(nameof(Sets))]
    public void A_set_permits_or_tells_why_not(string records, FailureCause? cause) => Judge(records, wildcard: false, cause);

    [Theory]
    [MemberData(nameof(WildcardSets))]
    public void For_a_wildcard_issuewild_stands_in_place_of_issue(string records, FailureCause? cause) => Judge(records, wildcard: true, cause);

    [Fact]
    public void What_a_record_holds_is_shown_capped_and_printable()
    {
        var set = Set("0 issue \u0001\"\r\n" + new string('x', 5000));
        var refusal = new CaaAnswer(["ca.example"], new CaaQuestion("www.example.net", false, ValidationMethod.Http01, Account)).Refusal(set)!;
        Assert.True(refusal.Seen.Length < 400);
        Assert.All(refusal.Seen, c => Assert.InRange(c, ' ', '~'));
    }

    private static void Judge(string records, bool wildcard, FailureCause? cause)
    {
        var answer = new CaaAnswer(["ca.example", "second.example"], new CaaQuestion("www.example.net", wildcard, ValidationMethod.Http01, Account));
        var refusal = answer.Refusal(Set(records));

        Assert.Equal(cause, refusal?.Cause);
        if (refusal is null)
            return;
        Assert.Equal(ProblemType.Caa, refusal.Type);
        Assert.EndsWith(".", refusal.Seen, StringComparison.Ordinal);
        Assert.EndsWith(".", refusal.Remedy, StringComparison.Ordinal);
    }

    private static CaaRecordSet Set(string records) => new()
    {
        Through = "192.0.2.53:53",
        Set = "example.net",
        Records = [.. records.Split('|').Select(r => r.Split(' ', 3)).Select(w => new CaaProperty(byte.Parse(w[0], null), w[1].ToLowerInvariant(), w[2]))],
    };
}
