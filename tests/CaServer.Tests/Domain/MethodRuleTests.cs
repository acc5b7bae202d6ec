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
