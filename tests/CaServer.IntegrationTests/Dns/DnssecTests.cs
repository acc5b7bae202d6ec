using CaServer.Domain;
using CaServer.Validation;

namespace CaServer.IntegrationTests.Dns;

/// <summary>DNSSEC (RFC 4035, BR §3.2.2.4) as a real resolver judges real signatures.</summary>
public sealed class DnssecTests(CaaLab lab)
{
    [Theory]
    [InlineData("secure", DnssecState.Secure)]
    [InlineData("plain", DnssecState.Insecure)]
    public async Task What_the_resolver_says_of_the_answer_stands_in_the_statement(string name, DnssecState dnssec)
    {
        var valid = Assert.IsType<ValidationOutcome.Valid>(await lab.Dns01Async(name));

        Assert.Equal(dnssec, valid.Statement.Statement.Dnssec);
        Assert.Equal(dnssec, Assert.Single(valid.Trace.Steps.OfType<CheckStep.Texts>()).Dnssec);
        Assert.Equal(dnssec, valid.Statement.Statement.CaaDnssec);
    }

    [Fact]
    public async Task A_resolver_that_is_not_trusted_to_validate_is_not_believed()
    {
        var settings = lab.Settings with { Dnssec = false, Caa = CaaPolicy.Respect };
        var valid = Assert.IsType<ValidationOutcome.Valid>(await lab.Dns01Async("secure", settings));
        Assert.Equal(DnssecState.Unchecked, valid.Statement.Statement.Dnssec);
    }

    [Theory]
    [InlineData("forged")]
    [InlineData("expired")]
    public async Task A_forged_or_outdated_record_proves_nothing_though_it_is_the_right_one(string name)
    {
        var failed = Assert.IsType<ValidationOutcome.Failed>(await lab.Dns01Async(name));

        Assert.Equal((FailureCause.DnssecBogus, ProblemType.Dns), (failed.Cause, failed.Problem.Type));
        Assert.Contains("has an answer to the TXT question whose DNSSEC signatures do not validate", failed.Problem.Detail, StringComparison.Ordinal);
        Assert.Contains("Sign the zone again", failed.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_provably_does_not_exist_does_not_exist()
    {
        var failed = Assert.IsType<ValidationOutcome.Failed>(await lab.Dns01Async("nothing.here.secure"));
        Assert.Equal(FailureCause.NameUnknown, failed.Cause);
        Assert.Equal(DnssecState.Secure, Assert.Single(failed.Trace.Steps.OfType<CheckStep.Texts>()).Dnssec);
    }

    [Fact]
    public async Task A_server_that_fails_without_an_answer_is_not_taken_for_a_forgery()
    {
        var failed = Assert.IsType<ValidationOutcome.Failed>(await lab.Dns01Async("lamesigned"));
        Assert.Equal(FailureCause.DnsError, failed.Cause);
    }
}
