using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CaServer.Domain;
using CaServer.Validation;
using CaServer.Validation.Remote;

namespace CaServer.Tests.Validation;

/// <summary>What a perspective elsewhere answers counts only under its signature, about what it was asked and since then; anything else is its own failure.</summary>
public sealed class RemoteAnswerTests
{
    private const string AccountUrl = "https://ca.example/acme/account/1";

    private static readonly ECDsa s_key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly ECDsa s_otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly DateTimeOffset s_at = new(2026, 12, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly RemoteAsked s_asked = new("north", s_key, s_at, s_at.AddSeconds(2));

    private static readonly ValidationRequest s_control = CheckRig.Request(Identifier.Dns("www.corp.example")) with
    {
        AccountUrl = AccountUrl,
        EarlierThumbprints = [new string('e', 43)],
    };

    private static readonly CaaRequest s_caa = new() { Identifier = Identifier.Dns("www.corp.example"), Wildcard = false, Method = ValidationMethod.Http01, AccountUrl = AccountUrl };

    private static readonly ControlStatement s_statement = new()
    {
        Perspective = "north",
        IdentifierType = IdentifierType.Dns,
        Identifier = "www.corp.example",
        Method = ValidationMethod.Http01,
        Section = "3.2.2.4.19",
        Thumbprint = CheckRig.Thumbprint,
        Token = CheckRig.Token,
        AccountUrl = AccountUrl,
        CheckedAt = s_at.ToUnixTimeSeconds() + 1,
        Dnssec = DnssecState.Insecure,
        Caa = CaaState.Absent,
    };

    private static readonly CaaStatement s_caaStatement = new()
    {
        Perspective = "north",
        Identifier = "www.corp.example",
        Wildcard = false,
        Method = ValidationMethod.Http01,
        AccountUrl = AccountUrl,
        Caa = CaaState.Permitted,
        CaaCheckedAt = s_at.ToUnixTimeSeconds() + 1,
        CaaDnssec = DnssecState.Insecure,
    };

    private static readonly CheckTrace s_trace = new()
    {
        Perspective = "north",
        StartedAt = s_at,
        Milliseconds = 700,
        Steps = [new CheckStep.Resolved("www.corp.example", "192.0.2.53:53", ["192.0.2.1"], null) { At = 3, Dnssec = DnssecState.Insecure }, new CheckStep.Connected("192.0.2.1:80", null) { At = 5 }],
    };

    public static TheoryData<string, Func<ControlStatement, ControlStatement>> OtherControl => new()
    {
        { "another perspective", s => s with { Perspective = "south" } },
        { "another token", s => s with { Token = new string('t', 43) } },
        { "another name", s => s with { Identifier = "corp.example" } },
        { "another type", s => s with { IdentifierType = IdentifierType.Ip } },
        { "another method", s => s with { Method = ValidationMethod.Dns01 } },
        { "another account key", s => s with { Thumbprint = new string('x', 43) } },
        { "another account", s => s with { AccountUrl = AccountUrl + "0" } },
        { "a prohibition", s => s with { Caa = CaaState.Forbidden } },
        { "before it was asked", s => s with { CheckedAt = s_at.ToUnixTimeSeconds() - 31 } },
        { "in the future", s => s with { CheckedAt = s_at.ToUnixTimeSeconds() + 33 } },
        { "before time began", s => s with { CheckedAt = long.MinValue } },
        { "after time has ended", s => s with { CheckedAt = long.MaxValue } },
    };

    public static TheoryData<string, Func<CaaStatement, CaaStatement>> OtherCaa => new()
    {
        { "another perspective", s => s with { Perspective = "south" } },
        { "another name", s => s with { Identifier = "corp.example" } },
        { "the wildcard", s => s with { Wildcard = true } },
        { "another method", s => s with { Method = ValidationMethod.Dns01 } },
        { "another account", s => s with { AccountUrl = AccountUrl + "0" } },
        { "a prohibition", s => s with { Caa = CaaState.Forbidden } },
        { "before it was asked", s => s with { CaaCheckedAt = s_at.ToUnixTimeSeconds() - 31 } },
        { "in the future", s => s with { CaaCheckedAt = s_at.ToUnixTimeSeconds() + 33 } },
        { "before time began", s => s with { CaaCheckedAt = long.MinValue } },
        { "after time has ended", s => s with { CaaCheckedAt = long.MaxValue } },
    };

    /// <summary>Answers that are none, whatever was asked.</summary>
    public static TheoryData<string> Unusable =>
    [
        "",
        "nonsense",
        "null",
        "[]",
        "{}",
        "{" + Trace + "}",
        """{"statement":"","""  + Trace + "}",
        """{"statement":"a.b.c","""  + Trace + "}",
        """{"statement":7,"""  + Trace + "}",
        """{"failure":{"type":"dns","cause":"no-such-cause","seen":"It is so.","remedy":"Do so."},""" + Trace + "}",
        """{"failure":{"type":"dns","cause":999,"seen":"It is so.","remedy":"Do so."},""" + Trace + "}",
        """{"failure":{"type":"dns","cause":"999","seen":"It is so.","remedy":"Do so."},""" + Trace + "}",
        """{"failure":{"type":999,"cause":"dns-error","seen":"It is so.","remedy":"Do so."},""" + Trace + "}",
        """{"failure":{"type":"dns","seen":"It is so.","remedy":"Do so."},""" + Trace + "}",
        """{"failure":{"type":"dns","cause":"dns-error","seen":"It is so."},""" + Trace + "}",
        """{"failure":{"type":"dns","cause":"dns-error","seen":null,"remedy":"Do so."},""" + Trace + "}",
        Failure("", "Do so."),
        Failure("It is so.", ""),
        Failure(new string('a', 1001), "Do so."),
        Failure("It is so.", new string('a', 1001)),
        Failure("It is\\nso.", "Do so."),
        Failure("It is so.", "Do \\u001b[2Jso."),
    ];

    /// <summary>Traces that cannot be shown, beside what would count.</summary>
    public static TheoryData<string> UnusableTraces =>
    [
        "null",
        "[]",
        """{"perspective":"north","startedAt":"2026-12-20T12:00:00Z","milliseconds":7}""",
        """{"perspective":"north","startedAt":"2026-12-20T12:00:00Z","milliseconds":7,"steps":null}""",
        """{"perspective":null,"startedAt":"2026-12-20T12:00:00Z","milliseconds":7,"steps":[]}""",
        """{"perspective":"north","startedAt":"yesterday","milliseconds":7,"steps":[]}""",
        Steps("null"),
        Steps("7"),
        Steps("""{"at":1}"""),
        Steps("""{"step":"no-such-step","at":1}"""),
        Steps("""{"step":"connected","at":1}"""),
        Steps("""{"step":"connected","address":null,"at":1}"""),
        Steps("""{"step":"connected","address":"192.0.2.1:80","at":1e999}"""),
        Steps("""{"step":"resolved","name":"a.example","through":"192.0.2.53:53","at":1}"""),
        Steps("""{"step":"resolved","name":"a.example","through":"192.0.2.53:53","addresses":[null],"at":1}"""),
        Steps("""{"step":"resolved","name":"a.example","through":"192.0.2.53:53","addresses":[],"dnssec":999,"at":1}"""),
        Steps("""{"step":"caa","name":"a.example","through":"192.0.2.53:53","records":[],"count":0,"iodef":[],"dnssec":"insecure","result":"999","at":1}"""),
    ];

    private const string Trace = """ "trace":{"perspective":"north","startedAt":"2026-12-20T12:00:00Z","milliseconds":7,"steps":[]} """;

    [Fact]
    public void A_statement_about_what_was_asked_counts()
    {
        var outcome = new ValidationOutcome.Valid(SignedControlStatement.Sign(s_statement, s_key)) { Trace = s_trace };
        var read = Assert.IsType<ValidationOutcome.Valid>(RemoteAnswer.Read(RemoteAnswer.Encode(outcome), s_control, s_asked));
        Assert.Equal(outcome.Statement.Compact, read.Statement.Compact);
        Assert.Equivalent(s_trace, read.Trace, strict: true);
    }

    [Fact]
    public void A_statement_about_CAA_that_was_asked_for_counts()
    {
        var outcome = new CaaOutcome.Permitted(SignedCaaStatement.Sign(s_caaStatement, s_key)) { Trace = s_trace };
        var read = Assert.IsType<CaaOutcome.Permitted>(RemoteAnswer.Read(RemoteAnswer.Encode(outcome), s_caa, s_asked));
        Assert.Equal(outcome.Statement.Compact, read.Statement.Compact);
        Assert.Equivalent(s_trace, read.Trace, strict: true);
    }

    [Fact]
    public void A_record_of_an_earlier_account_key_counts() => Assert.IsType<ValidationOutcome.Valid>(Read(s_statement with { Thumbprint = new string('e', 43) }));

    [Fact]
    public void A_statement_need_not_say_for_which_account() => Assert.IsType<ValidationOutcome.Valid>(Read(s_statement with { AccountUrl = null }));

    [Theory]
    [InlineData(-30)]
    [InlineData(32)]
    public void Clocks_may_be_half_a_minute_apart(int seconds)
    {
        Assert.IsType<ValidationOutcome.Valid>(Read(s_statement with { CheckedAt = s_at.ToUnixTimeSeconds() + seconds }));
        Assert.IsType<CaaOutcome.Permitted>(Read(s_caaStatement with { CaaCheckedAt = s_at.ToUnixTimeSeconds() + seconds }));
    }

    [Fact]
    public void A_failure_is_told_as_the_perspective_tells_it()
    {
        var failed = new ValidationOutcome.Failed(new AcmeProblem(ProblemType.Dns, "There is no record. Make one."))
        {
            Cause = FailureCause.NoTextRecord,
            Diagnosis = "There is no record.",
            Remedy = "Make one.",
            Trace = s_trace,
        };
        var read = Assert.IsType<ValidationOutcome.Failed>(RemoteAnswer.Read(RemoteAnswer.Encode(failed), s_control, s_asked));
        Assert.Equal((failed.Cause, failed.Diagnosis, failed.Remedy, true), (read.Cause, read.Diagnosis, read.Remedy, read.MayPass));
        Assert.Equal((ProblemType.Dns, failed.Problem.Detail), (read.Problem.Type, read.Problem.Detail));
        Assert.Equivalent(s_trace, read.Trace, strict: true);
    }

    [Fact]
    public void A_refusal_by_CAA_is_told_as_the_perspective_tells_it()
    {
        var refused = new CaaOutcome.Refused(new AcmeProblem(ProblemType.Caa, "Another CA is named. Name this one."))
        {
            Cause = FailureCause.CaaOtherIssuer,
            Diagnosis = "Another CA is named.",
            Remedy = "Name this one.",
            Trace = s_trace,
        };
        var read = Assert.IsType<CaaOutcome.Refused>(RemoteAnswer.Read(RemoteAnswer.Encode(refused), s_caa, s_asked));
        Assert.Equal((refused.Cause, refused.Diagnosis, refused.Remedy), (read.Cause, read.Diagnosis, read.Remedy));
        Assert.Equal((ProblemType.Caa, refused.Problem.Detail), (read.Problem.Type, read.Problem.Detail));
    }

    [Theory]
    [MemberData(nameof(OtherControl), DisableDiscoveryEnumeration = true)]
    public void A_statement_about_something_else_does_not_count(string what, Func<ControlStatement, ControlStatement> change)
    {
        Assert.NotEmpty(what);
        IsFaulty(Read(change(s_statement)));
    }

    [Theory]
    [MemberData(nameof(OtherCaa), DisableDiscoveryEnumeration = true)]
    public void A_statement_about_something_else_than_the_CAA_that_was_asked_for_does_not_count(string what, Func<CaaStatement, CaaStatement> change)
    {
        Assert.NotEmpty(what);
        IsFaulty(Read(change(s_caaStatement)));
    }

    [Fact]
    public void A_statement_under_another_key_does_not_count()
    {
        IsFaulty(RemoteAnswer.Read(Answer(SignedControlStatement.Sign(s_statement, s_otherKey).Compact), s_control, s_asked));
        IsFaulty(RemoteAnswer.Read(Answer(SignedCaaStatement.Sign(s_caaStatement, s_otherKey).Compact), s_caa, s_asked));
    }

    [Fact]
    public void A_statement_of_the_other_kind_does_not_count()
    {
        IsFaulty(RemoteAnswer.Read(Answer(SignedCaaStatement.Sign(s_caaStatement, s_key).Compact), s_control, s_asked));
        IsFaulty(RemoteAnswer.Read(Answer(SignedControlStatement.Sign(s_statement, s_key).Compact), s_caa, s_asked));
    }

    [Theory]
    [MemberData(nameof(Unusable))]
    public void What_is_no_answer_is_a_failure_of_the_perspective(string text)
    {
        IsFaulty(RemoteAnswer.Read(Encoding.UTF8.GetBytes(text), s_control, s_asked));
        IsFaulty(RemoteAnswer.Read(Encoding.UTF8.GetBytes(text), s_caa, s_asked));
    }

    [Fact]
    public void What_is_too_long_to_be_read_is_a_failure_of_the_perspective()
    {
        IsFaulty(RemoteAnswer.Read(null, s_control, s_asked));
        IsFaulty(RemoteAnswer.Read(null, s_caa, s_asked));
    }

    [Theory]
    [MemberData(nameof(UnusableTraces))]
    public void A_good_statement_beside_what_cannot_be_shown_does_not_count(string trace)
    {
        IsFaulty(RemoteAnswer.Read(Answer(SignedControlStatement.Sign(s_statement, s_key).Compact, trace), s_control, s_asked));
        IsFaulty(RemoteAnswer.Read(Answer(SignedCaaStatement.Sign(s_caaStatement, s_key).Compact, trace), s_caa, s_asked));
    }

    [Theory]
    [InlineData("-7", 0)]
    [InlineData("1e300", 2000)]
    [InlineData("2001", 2000)]
    [InlineData("1999.5", 1999.5)]
    public void A_trace_stands_under_the_asked_name_and_within_the_time_that_was_waited(string milliseconds, double expected)
    {
        var trace = $$"""{"perspective":"south","startedAt":"0001-01-01T00:00:00Z","milliseconds":{{milliseconds}},"steps":[]}""";
        var read = RemoteAnswer.Read(Answer(SignedControlStatement.Sign(s_statement, s_key).Compact, trace), s_control, s_asked).Trace;
        Assert.Equal(("north", s_at, expected), (read.Perspective, read.StartedAt, read.Milliseconds));
    }

    [Fact]
    public void A_trace_that_was_too_long_comes_without_steps_in_its_middle()
    {
        var trace = s_trace with { Steps = [.. Enumerable.Range(0, 1000).Select(i => new CheckStep.Connected($"192.0.2.{i}:80", "it was refused") { At = i })] };
        var answer = RemoteAnswer.Encode(new ValidationOutcome.Valid(SignedControlStatement.Sign(s_statement, s_key)) { Trace = trace });
        Assert.InRange(answer.Length, 1, 32 * 1024);
        Assert.Single(RemoteAnswer.Read(answer, s_control, s_asked).Trace.Steps.OfType<CheckStep.Omitted>());
    }

    [Fact]
    public void A_perspective_that_does_not_answer_may_answer_the_next_time()
    {
        var failed = SilentPerspective.ToCheck("north", s_at, s_at.AddSeconds(5));
        Assert.Equal((FailureCause.PerspectiveSilent, true), (failed.Cause, failed.MayPass));
        Assert.Equal("The perspective north had no answer within 5 s.", failed.Diagnosis);
        Assert.Equal((ProblemType.ServerInternal, $"{failed.Diagnosis} {failed.Remedy}"), (failed.Problem.Type, failed.Problem.Detail));
        Assert.Equal(("north", s_at, 5000d), (failed.Trace.Perspective, failed.Trace.StartedAt, failed.Trace.Milliseconds));
        Assert.Equal(FailureCause.PerspectiveSilent, SilentPerspective.ToCaa("north", s_at, s_at.AddSeconds(5)).Cause);
    }

    private static ValidationOutcome Read(ControlStatement statement) => RemoteAnswer.Read(Answer(SignedControlStatement.Sign(statement, s_key).Compact), s_control, s_asked);

    private static CaaOutcome Read(CaaStatement statement) => RemoteAnswer.Read(Answer(SignedCaaStatement.Sign(statement, s_key).Compact), s_caa, s_asked);

    private static byte[] Answer(string statement, string? trace = null) =>
        Encoding.UTF8.GetBytes($$"""{"statement":{{JsonValue.Create(statement).ToJsonString()}},{{(trace is null ? Trace : $"\"trace\":{trace}")}}}""");

    private static string Failure(string seen, string remedy) => $$"""{"failure":{"type":"dns","cause":"dns-error","seen":"{{seen}}","remedy":"{{remedy}}"},{{Trace}}}""";

    private static string Steps(string step) => $$"""{"perspective":"north","startedAt":"2026-12-20T12:00:00Z","milliseconds":7,"steps":[{{step}}]}""";

    private static void IsFaulty(ValidationOutcome outcome)
    {
        var failed = Assert.IsType<ValidationOutcome.Failed>(outcome);
        Assert.Equal((FailureCause.PerspectiveFaulty, ProblemType.ServerInternal, false), (failed.Cause, failed.Problem.Type, failed.MayPass));
        IsOurs(failed.Trace);
    }

    private static void IsFaulty(CaaOutcome outcome)
    {
        var refused = Assert.IsType<CaaOutcome.Refused>(outcome);
        Assert.Equal((FailureCause.PerspectiveFaulty, ProblemType.ServerInternal), (refused.Cause, refused.Problem.Type));
        IsOurs(refused.Trace);
    }

    private static void IsOurs(CheckTrace trace)
    {
        Assert.Equal(("north", s_at), (trace.Perspective, trace.StartedAt));
        Assert.NotEmpty(trace.Encode());
    }
}
