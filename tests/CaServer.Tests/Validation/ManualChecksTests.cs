using CaServer.Domain;
using CaServer.TestKit.Dns;
using CaServer.Validation;
using Microsoft.Extensions.Time.Testing;

namespace CaServer.Tests.Validation;

/// <summary>BR §3.2.2.4.4, .7, .13, .14, .18 as a perspective checks them.</summary>
public sealed class ManualChecksTests : IAsyncLifetime
{
    private const string Name = CheckRig.Name;
    private const string Record = "_ca-control." + Name;
    private const string AccountUrl = "https://ca.example/acme/account/1";
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] s_constructed = ["admin", "administrator", "webmaster", "hostmaster", "postmaster"];
    private readonly FakeTimeProvider _clock = new(s_now);
    private string _body = "";
    private CheckRig? _rig;

    private CheckRig Rig => _rig!;

    public ValueTask InitializeAsync()
    {
        _rig = new CheckRig(x => x.AnswerAsync(_body.Length > 0 ? 200 : 404, _body));
        _rig.Settings = _rig.Settings with { Caa = CaaPolicy.Ignore, IssuerNames = ["ca.example"], DnsTimeout = TimeSpan.FromMilliseconds(500) };
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => Rig.DisposeAsync();

    [Theory]
    [InlineData(Record)]
    [InlineData(Name)]
    public async Task A_TXT_record_below_the_label_or_at_the_name_proves_it(string record)
    {
        Rig.Dns.With(record, DnsReply.Texts("v=spf1 -all", Value(ValidationMethod.DnsText)));

        var statement = CheckRig.Statement(await CheckAsync(ValidationMethod.DnsText));

        Assert.Equal(("3.2.2.4.7", AccountUrl, Created, (string?)null), (statement.Section, statement.AccountUrl, statement.ValueCreatedAt, statement.Recipient));
    }

    [Fact]
    public async Task A_value_of_another_account_name_or_method_proves_nothing()
    {
        var terms = Terms(ValidationMethod.DnsText);
        foreach (var other in (ControlTerms[])[terms with { AccountUrl = AccountUrl + "2" }, terms with { Identifier = Identifier.Dns("*." + Name) }, terms with { Method = ValidationMethod.DnsAlias }])
        {
            Rig.Dns.With(Record, DnsReply.Texts(other.PublishedValue()));
            await FailsAsync(ValidationMethod.DnsText, FailureCause.WrongText, Record);
        }
    }

    [Fact]
    public async Task What_is_wrong_with_a_TXT_record_is_told_apart()
    {
        var value = Value(ValidationMethod.DnsText);
        await FailsAsync(ValidationMethod.DnsText, FailureCause.NameUnknown, value);
        Rig.Dns.With(Record, DnsReply.Texts());
        await FailsAsync(ValidationMethod.DnsText, FailureCause.NoTextRecord, value);
        Rig.Dns.With(Record, DnsReply.Texts($"\"{value}\""));
        await FailsAsync(ValidationMethod.DnsText, FailureCause.TextAltered, value);
        Rig.Dns.With(Record, DnsReply.ServerFailure);
        await FailsAsync(ValidationMethod.DnsText, FailureCause.DnsError, value);
    }

    [Fact]
    public async Task A_CNAME_record_proves_the_name_wherever_its_first_label_leads()
    {
        var value = Value(ValidationMethod.DnsAlias);
        foreach (var target in (string[])[value + ".ca.example", value.ToUpperInvariant() + ".invalid"])
        {
            Rig.Dns.With(Record, DnsReply.AliasOfNothing(target));
            Assert.Equal("3.2.2.4.7", CheckRig.Statement(await CheckAsync(ValidationMethod.DnsAlias)).Section);
        }
    }

    [Fact]
    public async Task What_is_wrong_with_a_CNAME_record_is_told_apart()
    {
        var target = Value(ValidationMethod.DnsAlias) + ".ca.example";
        await FailsAsync(ValidationMethod.DnsAlias, FailureCause.NameUnknown, target);
        Rig.Dns.With(Record, DnsReply.Texts());
        await FailsAsync(ValidationMethod.DnsAlias, FailureCause.NoAliasRecord, target);
        Rig.Dns.With(Record, DnsReply.Alias("elsewhere.example"));
        await FailsAsync(ValidationMethod.DnsAlias, FailureCause.WrongAlias, target);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("other\r\n  {0}\r\n")]
    [InlineData("\uFEFF{0}\n")]
    public async Task A_file_with_a_line_that_is_the_value_proves_the_name_without_the_value_in_the_request(string body)
    {
        var value = Value(ValidationMethod.AgreedFile);
        _body = string.Format(body, value);

        var statement = CheckRig.Statement(await CheckAsync(ValidationMethod.AgreedFile));

        Assert.Equal(("3.2.2.4.18", $"127.0.0.1:{Rig.Responder.Port}"), (statement.Section, statement.Address));
        var request = Assert.Single(Rig.Responder.Requests);
        Assert.Equal("/.well-known/pki-validation/ca-control.txt", request.Path);
        Assert.DoesNotContain(value, request.Head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", FailureCause.NotFound)]
    [InlineData(" \n", FailureCause.Empty)]
    [InlineData("<html>{0}</html>", FailureCause.WebPage)]
    [InlineData("value={0}", FailureCause.WrongContent)]
    public async Task What_is_wrong_with_a_file_is_told_apart(string body, FailureCause cause)
    {
        _body = string.Format(body, Value(ValidationMethod.AgreedFile));
        await FailsAsync(ValidationMethod.AgreedFile, cause, "ca-control.txt");
    }

    [Fact]
    public async Task A_wildcard_is_proved_by_no_file()
    {
        var failed = Assert.IsType<ValidationOutcome.Failed>(await CheckAsync(Request(ValidationMethod.AgreedFile) with { NamesBelow = true, Wildcard = true }));
        Assert.Equal(FailureCause.BadRequest, failed.Cause);
    }

    [Fact]
    public async Task The_recipients_of_an_e_mail_are_found_at_the_name_and_above_up_to_the_registered_domain()
    {
        Rig.Dns.With(Name, DnsReply.Texts()).With("corp.example", DnsReply.Caa(("issue", "ca.example"), ("contactemail", "caa@elsewhere.example"), ("contactemail", "not an address")))
            .With("example", DnsReply.Texts()).With("_validation-contactemail.corp.example", DnsReply.Texts("txt@elsewhere.example"));
        using var perspective = new Perspective(Rig.Settings, CheckRig.Key, _clock);

        var found = await perspective.FindContactsAsync(Identifier.Dns("*." + Name), TestContext.Current.CancellationToken);

        Assert.Empty(found.Faults);
        Assert.Equal(
            [("caa@elsewhere.example", ValidationMethod.CaaEmail, "corp.example"), ("txt@elsewhere.example", ValidationMethod.TextEmail, "corp.example")],
            found.Contacts.Take(2).Select(c => (c.Address.ToString(), c.Method, c.Domain)));
        Assert.Equal(
            ((string[])[Name, "corp.example"]).SelectMany(d => s_constructed.Select(l => $"{l}@{d}")),
            found.Contacts.Skip(2).Select(c => c.Address.ToString()));
    }

    [Theory]
    [InlineData(ValidationMethod.ConstructedEmail, "hostmaster@corp.example", "3.2.2.4.4")]
    [InlineData(ValidationMethod.CaaEmail, "caa@elsewhere.example", "3.2.2.4.13")]
    [InlineData(ValidationMethod.TextEmail, "txt@elsewhere.example", "3.2.2.4.14")]
    public async Task The_value_that_was_sent_proves_the_name_when_it_comes_back(ValidationMethod method, string recipient, string section)
    {
        Rig.Dns.With(Name, DnsReply.Texts()).With("corp.example", DnsReply.Caa(("contactemail", "caa@elsewhere.example"))).With("example", DnsReply.Texts())
            .With("_validation-contactemail.corp.example", DnsReply.Texts("txt@elsewhere.example"));

        var outcome = await CheckAsync(Request(method) with { Recipient = recipient, Answer = Sent(method, recipient) });

        var statement = CheckRig.Statement(outcome);
        Assert.Equal((section, recipient, "corp.example", Created), (statement.Section, statement.Recipient, statement.Domain, statement.ValueCreatedAt));
        Assert.DoesNotContain(Sent(method, recipient), System.Text.Encoding.UTF8.GetString(outcome.Trace.Encode()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_an_e_mail_is_told_apart()
    {
        const string recipient = "caa@elsewhere.example";
        await FailsAsync(ValidationMethod.CaaEmail, FailureCause.NotConfirmed, recipient, recipient);
        await FailsAsync(ValidationMethod.CaaEmail, FailureCause.OtherValue, recipient, recipient, Sent(ValidationMethod.CaaEmail, "other@elsewhere.example"));
        // Whoever can write the database could make up what was published, but not what was sent.
        await FailsAsync(ValidationMethod.CaaEmail, FailureCause.OtherValue, recipient, recipient, (Terms(ValidationMethod.CaaEmail) with { Recipient = recipient }).PublishedValue());
        await FailsAsync(ValidationMethod.CaaEmail, FailureCause.NoContact, "0 contactemail", recipient, Sent(ValidationMethod.CaaEmail, recipient));
        await FailsAsync(ValidationMethod.TextEmail, FailureCause.NoContact, "_validation-contactemail.", recipient, Sent(ValidationMethod.TextEmail, recipient));
        Rig.Dns.With(Name, DnsReply.Caa(("contactemail", "new@elsewhere.example")));
        await FailsAsync(ValidationMethod.CaaEmail, FailureCause.OtherContact, recipient, recipient, Sent(ValidationMethod.CaaEmail, recipient));
        Rig.Dns.With("_validation-contactemail." + Name, DnsReply.ServerFailure);
        await FailsAsync(ValidationMethod.TextEmail, FailureCause.DnsError, "SERVFAIL", recipient, Sent(ValidationMethod.TextEmail, recipient));
    }

    [Fact]
    public async Task A_value_is_good_for_thirty_days()
    {
        Rig.Dns.With(Record, DnsReply.Texts(Value(ValidationMethod.DnsText)));
        _clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromHours(1));
        CheckRig.Statement(await CheckAsync(ValidationMethod.DnsText));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await FailsAsync(ValidationMethod.DnsText, FailureCause.ValueExpired, "30 days");
    }

    [Fact]
    public async Task E_mail_is_not_begun_any_more_when_the_Baseline_Requirements_have_ended_it()
    {
        Rig.Settings = Rig.Settings with { Preset = PolicyPreset.WebPki, Caa = CaaPolicy.Require };
        _clock.SetUtcNow(new DateTimeOffset(2028, 3, 15, 0, 0, 0, TimeSpan.Zero));
        await FailsAsync(ValidationMethod.ConstructedEmail, FailureCause.MethodEnded, "2028-03-15", "admin@corp.example");
        Assert.Empty(Rig.Dns.Questions);
    }

    private static long Created => s_now.AddHours(-1).ToUnixTimeSeconds();

    private static ControlTerms Terms(ValidationMethod method) => new()
    {
        Method = method,
        Token = CheckRig.Token,
        AccountUrl = AccountUrl,
        Identifier = Identifier.Dns(Name),
        CreatedAt = Created,
    };

    private static string Value(ValidationMethod method) => Terms(method).PublishedValue();

    private string Sent(ValidationMethod method, string recipient)
    {
        using var perspective = new Perspective(Rig.Settings, CheckRig.Key, _clock);
        return perspective.SentValue(Terms(method) with { Recipient = recipient });
    }

    private static ValidationRequest Request(ValidationMethod method) =>
        CheckRig.Request(Identifier.Dns(Name), method) with { AccountUrl = AccountUrl, ValueCreatedAt = Created };

    private Task<ValidationOutcome> CheckAsync(ValidationMethod method) => CheckAsync(Request(method));

    private async Task<ValidationOutcome> CheckAsync(ValidationRequest request)
    {
        using var perspective = new Perspective(Rig.Settings, CheckRig.Key, _clock);
        return await perspective.CheckAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task FailsAsync(ValidationMethod method, FailureCause cause, string shown, string? recipient = null, string? answer = null)
    {
        var failed = Assert.IsType<ValidationOutcome.Failed>(await CheckAsync(Request(method) with { Recipient = recipient, Answer = answer }));
        Assert.True(failed.Cause == cause, $"{failed.Cause}: {failed.Problem.Detail}");
        Assert.Contains(shown, failed.Problem.Detail, StringComparison.Ordinal);
        Assert.EndsWith(".", failed.Problem.Detail, StringComparison.Ordinal);
    }
}
