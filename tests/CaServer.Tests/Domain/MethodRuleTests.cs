using CaServer.Domain;

namespace CaServer.Tests.Domain;

/// <summary>BR §3.2.2.4, §3.2.2.5.</summary>
public sealed class MethodRuleTests
{
    public static TheoryData<ValidationMethod, string?, string?, ProofReach> Table => new()
    {
        { ValidationMethod.Http01, "3.2.2.4.19", "3.2.2.5.6", ProofReach.NameItself },
        { ValidationMethod.Dns01, "3.2.2.4.7", null, ProofReach.NamesBelow },
        { ValidationMethod.TlsAlpn01, "3.2.2.4.20", "3.2.2.5.7", ProofReach.NameItself },
        { ValidationMethod.DnsAccount01, "3.2.2.4.21", null, ProofReach.NamesBelow },
        { ValidationMethod.DnsPersist01, "3.2.2.4.22", null, ProofReach.NamesBelowIfStated },
        { ValidationMethod.DnsText, "3.2.2.4.7", null, ProofReach.NamesBelow },
        { ValidationMethod.DnsAlias, "3.2.2.4.7", null, ProofReach.NamesBelow },
        { ValidationMethod.AgreedFile, "3.2.2.4.18", "3.2.2.5.1", ProofReach.NameItself },
        { ValidationMethod.ConstructedEmail, "3.2.2.4.4", null, ProofReach.NamesBelow },
        { ValidationMethod.CaaEmail, "3.2.2.4.13", null, ProofReach.NamesBelow },
        { ValidationMethod.TextEmail, "3.2.2.4.14", null, ProofReach.NamesBelow },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Each_method_has_its_sections_and_reach(ValidationMethod method, string? dns, string? ip, ProofReach reach)
    {
        var rule = MethodRule.Of(method);

        Assert.Equal((method, dns, ip, reach), (rule.Method, rule.DnsSection, rule.IpSection, rule.Reach));
        Assert.Equal(dns is not null, rule.MayServe(Identifier.Dns("www.example.org")));
        Assert.Equal(ip is not null, rule.MayServe(Identifier.Ip("192.0.2.1")));
        Assert.Equal(reach != ProofReach.NameItself, rule.MayServe(Identifier.Dns("*.example.org")));
        Assert.Equal(reach == ProofReach.NamesBelow, rule.ProvesNamesBelow(stated: false));
        Assert.Equal(reach != ProofReach.NameItself, rule.ProvesNamesBelow(stated: true));
    }

    [Fact]
    public void The_table_is_complete() =>
        Assert.Equal(Enum.GetValues<ValidationMethod>(), Table.Select(r => r.Data.Item1).Order());

    [Fact]
    public void E_mail_is_advised_against_and_ends_under_webpki_at_the_first_second_of_its_day()
    {
        var (discouraged, end) = (new DateTimeOffset(2026, 3, 15, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2028, 3, 15, 0, 0, 0, TimeSpan.Zero));
        foreach (var rule in MethodRule.All)
        {
            var isEmail = rule.Method is ValidationMethod.ConstructedEmail or ValidationMethod.CaaEmail or ValidationMethod.TextEmail;
            Assert.Equal((isEmail, isEmail ? discouraged : (DateTimeOffset?)null, isEmail ? end : null), (rule.IsEmail, rule.DiscouragedFrom, rule.EndsAt));
            Assert.Null(rule.Refusal(PolicyPreset.WebPki, end.AddSeconds(-1)));
            Assert.Equal(isEmail, rule.Refusal(PolicyPreset.WebPki, end) is not null);
            Assert.Null(rule.Refusal(PolicyPreset.Private, end.AddYears(1)));
        }
    }

    [Fact]
    public void Only_what_has_an_ACME_name_is_a_challenge_and_only_e_mail_reaches_for_a_domain_above()
    {
        Assert.Equal(["http-01", "dns-01", "tls-alpn-01", "dns-account-01", "dns-persist-01"], MethodRule.ChallengeNames);
        Assert.Equal(MethodRule.All.Where(r => r.IsEmail), MethodRule.All.Where(r => r.Prunes));
        Assert.All(MethodRule.All.Where(r => !r.IsChallenge), r => Assert.True(r.BoundToAccountUrl));
        Assert.Equal([ValidationMethod.ConstructedEmail], MethodRule.All.Where(r => !r.LooksUpDns).Select(r => r.Method));
    }

    [Fact]
    public void Only_persistent_records_are_relied_on_for_less_than_others() =>
        Assert.Equal([(ValidationMethod.DnsPersist01, TimeSpan.FromDays(10))], MethodRule.All.Where(r => r.MaxReuse is not null).Select(r => (r.Method, r.MaxReuse!.Value)));

    [Fact]
    public void A_method_that_needs_a_record_does_not_serve_a_name_too_long_for_one()
    {
        foreach (var rule in Enum.GetValues<ValidationMethod>().Select(MethodRule.Of).Where(r => r.RecordPrefixLength > 0))
        {
            var longest = Identifier.MaxNameLength - rule.RecordPrefixLength;
            Assert.True(rule.MayServe(Name(longest)));
            Assert.False(rule.MayServe(Name(longest + 1)));
        }
    }

    private static Identifier Name(int length)
    {
        var labels = string.Join('.', new string('a', length).Chunk(50).Select(c => new string(c)));
        return Identifier.Dns(labels[(labels.Length - length)..]);
    }
}
