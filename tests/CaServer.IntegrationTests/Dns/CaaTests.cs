using CaServer.Domain;
using CaServer.Validation;

namespace CaServer.IntegrationTests.Dns;

/// <summary>CAA (RFC 8659, RFC 8657, BR §3.2.2.8) against a real name server through a real validating resolver.</summary>
public sealed class CaaTests(CaaLab lab)
{
    [Theory]
    [InlineData("ours.secure", "ours.secure", DnssecState.Secure)]
    [InlineData("a.b.c.ours.secure", "ours.secure", DnssecState.Secure)]
    [InlineData("several.secure", "several.secure", DnssecState.Secure)]
    [InlineData("uncritical.secure", "uncritical.secure", DnssecState.Secure)]
    [InlineData("notwild.secure", "notwild.secure", DnssecState.Secure)]
    [InlineData("*.onlywild.secure", "onlywild.secure", DnssecState.Secure)]
    [InlineData("*.ours.secure", "ours.secure", DnssecState.Secure)]
    [InlineData("account.secure", "account.secure", DnssecState.Secure)]
    [InlineData("both.secure", "both.secure", DnssecState.Secure)]
    [InlineData("emptyalias.ours.secure", "ours.secure", DnssecState.Secure)]
    [InlineData("www.plain", "plain", DnssecState.Insecure)]
    public async Task A_record_set_that_permits_is_stated_with_its_place(string name, string set, DnssecState dnssec)
    {
        var permitted = Assert.IsType<CaaOutcome.Permitted>(await lab.CaaAsync(name));

        var statement = permitted.Statement.Statement;
        Assert.Equal((CaaState.Permitted, set, dnssec), (statement.Caa, statement.CaaSet, statement.CaaDnssec));
        Assert.Equal(name.StartsWith("*.", StringComparison.Ordinal), statement.Wildcard);
        Assert.Equal((CaaLab.AccountUrl, ValidationMethod.Http01), (statement.AccountUrl, statement.Method));
    }

    [Theory]
    [InlineData("www.secure", DnssecState.Secure)]
    [InlineData("does.not.exist.secure", DnssecState.Secure)]
    public async Task No_record_up_to_the_root_restricts_nobody(string name, DnssecState dnssec)
    {
        var statement = Assert.IsType<CaaOutcome.Permitted>(await lab.CaaAsync(name)).Statement.Statement;
        Assert.Equal((CaaState.Absent, null, dnssec), (statement.Caa, statement.CaaSet, statement.CaaDnssec));
    }

    [Theory]
    [InlineData("other.secure", FailureCause.CaaOtherIssuer, "0 issue \"other.example\"", "add a CAA record at other.secure: 0 issue \"ca.corp.example\"")]
    [InlineData("nobody.secure", FailureCause.CaaNoIssuer, "permits no CA", "0 issue \"ca.corp.example\"")]
    [InlineData("below.nobody.secure", FailureCause.CaaNoIssuer, "nobody.secure has", "add a CAA record at nobody.secure")]
    [InlineData("critical.secure", FailureCause.CaaCritical, "128 tbs \"unknown\"", "set its flags to 0")]
    [InlineData("malformed.secure", FailureCause.CaaMalformed, "tag is not letters and digits", "0 issue \"ca.corp.example\"")]
    [InlineData("*.notwild.secure", FailureCause.CaaNoIssuer, "0 issuewild \";\"", "0 issuewild \"ca.corp.example\"")]
    [InlineData("onlywild.secure", FailureCause.CaaNoIssuer, "0 issue \";\"", "0 issue \"ca.corp.example\"")]
    [InlineData("method.secure", FailureCause.CaaOtherMethod, "does not permit http-01", "add http-01 to its validationmethods")]
    [InlineData("alias.ours.secure", FailureCause.CaaOtherIssuer, "alias.ours.secure (an alias of other.secure)", "add a CAA record at other.secure")]
    [InlineData("leaf.tree.secure", FailureCause.CaaNoIssuer, "leaf.tree.secure (an alias of leaf.moved.secure)", "add a CAA record at leaf.moved.secure")]
    public async Task A_record_set_that_does_not_permit_is_told_with_what_to_change(string name, FailureCause cause, string seen, string remedy)
    {
        var refused = Assert.IsType<CaaOutcome.Refused>(await lab.CaaAsync(name));

        Assert.Equal((cause, ProblemType.Caa), (refused.Cause, refused.Problem.Type));
        Assert.Contains(seen, refused.Problem.Detail, StringComparison.Ordinal);
        Assert.Contains(remedy, refused.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal(CaaState.Forbidden, Assert.Single(refused.Trace.Steps.OfType<CheckStep.CaaLookedUp>()).Result);
    }

    [Theory]
    [InlineData("account.secure")]
    [InlineData("both.secure")]
    public async Task A_record_for_another_account_does_not_permit(string name)
    {
        var refused = Assert.IsType<CaaOutcome.Refused>(await lab.CaaAsync(name, account: CaaLab.AccountUrl + "2"));
        Assert.Equal((FailureCause.CaaOtherAccount, ProblemType.Caa), (refused.Cause, refused.Problem.Type));
        Assert.Contains($"accounturi={CaaLab.AccountUrl}2", refused.Problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("method.secure", ValidationMethod.Dns01, true)]
    [InlineData("brmethod.secure", ValidationMethod.Dns01, true)] // BR 3.2.2.4.7
    [InlineData("brmethod.secure", ValidationMethod.TlsAlpn01, false)]
    [InlineData("both.secure", ValidationMethod.Dns01, false)]
    public async Task The_method_must_be_among_those_that_the_record_permits(string name, ValidationMethod method, bool permitted)
    {
        var outcome = await lab.CaaAsync(name, method);
        if (permitted)
            Assert.IsType<CaaOutcome.Permitted>(outcome);
        else
            Assert.Equal(FailureCause.CaaOtherMethod, Assert.IsType<CaaOutcome.Refused>(outcome).Cause);
    }

    [Fact]
    public async Task Iodef_stands_in_the_explanation()
    {
        var permitted = Assert.IsType<CaaOutcome.Permitted>(await lab.CaaAsync("ours.secure"));
        Assert.Equal(["mailto:security@corp.example"], Assert.Single(permitted.Trace.Steps.OfType<CheckStep.CaaLookedUp>()).Iodef);
    }

    [Theory]
    [InlineData("lame")]
    [InlineData("www.lame")]
    [InlineData("silent")]
    public async Task No_answer_from_an_unsigned_zone_passes_and_is_stated(string name)
    {
        var statement = Assert.IsType<CaaOutcome.Permitted>(await lab.CaaAsync(name)).Statement.Statement;
        Assert.Equal((CaaState.Unanswered, null, DnssecState.Insecure), (statement.Caa, statement.CaaSet, statement.CaaDnssec));
    }

    [Theory]
    [InlineData("lamesigned")]
    [InlineData("www.lamesigned")]
    [InlineData("silentsigned")]
    public async Task No_answer_from_a_signed_zone_is_refused(string name)
    {
        var refused = Assert.IsType<CaaOutcome.Refused>(await lab.CaaAsync(name));
        Assert.Equal((FailureCause.CaaUnanswered, ProblemType.Dns), (refused.Cause, refused.Problem.Type));
        Assert.Contains("type CAA", refused.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_answer_is_refused_where_nobody_can_say_that_the_zone_is_unsigned()
    {
        var refused = Assert.IsType<CaaOutcome.Refused>(await lab.CaaAsync("lame", settings: lab.Settings with { Dnssec = false }));
        Assert.Equal(FailureCause.CaaUnanswered, refused.Cause);
    }

    [Theory]
    [InlineData("lame", CaaState.Unanswered)]
    [InlineData("lamesigned", CaaState.Unanswered)]
    [InlineData("ours.secure", CaaState.Permitted)]
    public async Task A_private_CA_that_respects_CAA_is_not_stopped_by_silence(string name, CaaState state)
    {
        var settings = lab.Settings with { Dnssec = false, Caa = CaaPolicy.Respect };
        Assert.Equal(state, Assert.IsType<CaaOutcome.Permitted>(await lab.CaaAsync(name, settings: settings)).Statement.Statement.Caa);
    }

    [Fact]
    public async Task A_private_CA_that_respects_CAA_obeys_what_it_finds()
    {
        var settings = lab.Settings with { Dnssec = false, Caa = CaaPolicy.Respect };
        Assert.Equal(FailureCause.CaaNoIssuer, Assert.IsType<CaaOutcome.Refused>(await lab.CaaAsync("nobody.secure", settings: settings)).Cause);
    }

    [Theory]
    [InlineData("bogus", CaaPolicy.Require)]
    [InlineData("www.bogus", CaaPolicy.Respect)]
    [InlineData("expired", CaaPolicy.Require)]
    public async Task An_answer_whose_signatures_do_not_validate_is_refused(string name, CaaPolicy policy)
    {
        var refused = Assert.IsType<CaaOutcome.Refused>(await lab.CaaAsync(name, settings: lab.Settings with { Caa = policy }));
        Assert.Equal((FailureCause.DnssecBogus, ProblemType.Dns), (refused.Cause, refused.Problem.Type));
        Assert.Contains("Sign the zone again", refused.Problem.Detail, StringComparison.Ordinal);
    }
}
