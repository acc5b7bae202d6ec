using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Signing;
using CaServer.Storage;
using CaServer.TestKit.Dns;
using CaServer.Validation;
using CaServer.Validation.Remote;

namespace CaServer.Tests.Workers;

/// <summary>Perspectives here and elsewhere look at a name together; who is silent delays nothing that is decided without it.</summary>
public sealed class PerspectiveGroupTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(37);

    [Fact]
    public async Task A_perspective_elsewhere_that_agrees_counts()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        await rig.RunAsync(rig.Perspective("north"));
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["north"]), QuorumPolicy.AtLeast(2));

        var outcome = await group.CheckAsync(PerspectiveRig.Request, rig.Ct);

        Assert.True(outcome.IsProved);
        Assert.Equal(("2/2", "local: valid, north: valid"), (outcome.Agreement, outcome.Findings));
        Assert.Equal(["local", "north"], outcome.Statements.Select(s => s.Perspective));
        Assert.True(outcome.Statements[1].IsSignedBy(rig.KeyOf("north")));
        Assert.All(outcome.Outcomes, o => Assert.NotEmpty(o.Trace.Steps));
        await rig.ForgottenAsync(new InstanceId("north-1"));
    }

    [Fact]
    public async Task A_perspective_elsewhere_that_sees_something_else_is_told_with_what_it_saw()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        await rig.RunAsync(rig.Perspective("north", DnsReply.UnknownName));
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["north"]), QuorumPolicy.AtLeast(2));

        var outcome = await group.CheckAsync(PerspectiveRig.Request, rig.Ct);

        Assert.False(outcome.IsProved);
        Assert.StartsWith("1 of 2 perspectives found the name proved and 2 must. The perspective north says: ", outcome.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal((ProblemType.Dns, true, "1/2"), (outcome.Problem.Type, outcome.MayPass, outcome.Agreement));
        Assert.Equal("north", outcome.FirstFailure!.Trace.Perspective);
    }

    [Fact]
    public async Task Two_perspectives_elsewhere_are_asked_the_same_and_each_answers_for_itself()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        await rig.RunAsync(rig.Perspective("north"));
        await rig.RunAsync(rig.Perspective("south"));
        using var group = PerspectiveRig.Group(rig.Perspective("local", DnsReply.UnknownName), rig.Remotes(["north", "south"]), QuorumPolicy.AtLeast(2));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => group.CheckAsync(PerspectiveRig.Request, rig.Ct)));

        Assert.All(outcomes, o => Assert.True(o.IsProved));
        Assert.All(outcomes, o => Assert.Equal(["north", "south"], o.Statements.Select(s => s.Perspective)));
    }

    [Fact]
    public async Task A_silent_perspective_is_not_waited_for_where_the_others_suffice()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        await rig.RunAsync(rig.Perspective("north"));
        var clock = new WatchedTime(DateTimeOffset.UnixEpoch);
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["south", "north"]), QuorumPolicy.AtLeast(2), clock);
        var checking = group.CheckAsync(PerspectiveRig.Request, rig.Ct);
        var (south, _) = await rig.TakeAsync("south", new InstanceId("south-1"));

        // Decided; now there is a moment for the rest.
        await clock.WaitingAsync(TimeSpan.FromSeconds(1), rig.Ct);
        Assert.False(checking.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        var outcome = await checking;

        Assert.True(outcome.IsProved);
        Assert.Equal(("2/3", "local: valid, south: perspective-silent, north: valid"), (outcome.Agreement, outcome.Findings));
        Assert.Equal("The perspective south had no answer within 1 s.", outcome.FirstFailure!.Diagnosis);
        // Whoever is busy with it hears that nobody waits any more.
        await rig.ForgottenAsync(new InstanceId("south-1"));
        Assert.False(await rig.Store.AnswerAsync(south, new InstanceId("south-1"), new byte[] { 1 }, rig.Ct));
    }

    [Fact]
    public async Task A_perspective_that_answers_in_the_moment_after_the_decision_is_heard()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        var clock = new WatchedTime(DateTimeOffset.UnixEpoch);
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["south"]), QuorumPolicy.AtLeast(1), clock);
        var checking = group.CheckAsync(PerspectiveRig.Request, rig.Ct);

        await clock.WaitingAsync(TimeSpan.FromSeconds(1), rig.Ct);
        await rig.RunAsync(rig.Perspective("south", DnsReply.UnknownName));

        Assert.Equal("local: valid, south: name-unknown", (await checking).Findings);
    }

    [Fact]
    public async Task A_silent_perspective_that_is_needed_is_waited_for_and_may_answer_the_next_time()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        var clock = new WatchedTime(TimeProvider.System.GetUtcNow());
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["south"], s_patience, clock), QuorumPolicy.AtLeast(2), clock);
        var checking = group.CheckAsync(PerspectiveRig.Request, rig.Ct);

        await clock.WaitingAsync(s_patience, rig.Ct);
        clock.Advance(s_patience);
        var outcome = await checking;

        Assert.False(outcome.IsProved);
        Assert.True(outcome.MayPass);
        Assert.Equal((FailureCause.PerspectiveSilent, ProblemType.ServerInternal), (outcome.FirstFailure!.Cause, outcome.Problem.Type));
        Assert.Equal(
            "1 of 2 perspectives found the name proved and 2 must. The perspective south says: The perspective south had no answer within 37 s. Nothing is wrong with the name; try again later.",
            outcome.Problem.Detail);
    }

    [Fact]
    public async Task What_a_perspective_saw_is_told_before_that_another_is_silent()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        await rig.RunAsync(rig.Perspective("north", DnsReply.UnknownName));
        var clock = new WatchedTime(DateTimeOffset.UnixEpoch);
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["south", "north"]), QuorumPolicy.AtLeast(3), clock);
        var checking = group.CheckAsync(PerspectiveRig.Request, rig.Ct);

        // North alone decides it; the explanation waits longer than a success would.
        await clock.WaitingAsync(TimeSpan.FromSeconds(5), rig.Ct);
        clock.Advance(TimeSpan.FromSeconds(5));
        var outcome = await checking;

        Assert.False(outcome.IsProved);
        Assert.Equal("local: valid, south: perspective-silent, north: name-unknown", outcome.Findings);
        Assert.Equal(("north", true), (outcome.FirstFailure!.Trace.Perspective, outcome.MayPass));
        Assert.Equal(ProblemType.Dns, outcome.Problem.Type);
        Assert.Contains("The perspective north says: ", outcome.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_that_does_not_pass_is_not_made_good_by_one_that_is_silent()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        await rig.RunAsync(rig.Perspective("north", caa: DnsReply.Caa(("issue", "other.example"))));
        var clock = new WatchedTime(DateTimeOffset.UnixEpoch);
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["south", "north"]), QuorumPolicy.AtLeast(3), clock);
        var checking = group.CheckAsync(PerspectiveRig.Request, rig.Ct);

        await clock.WaitingAsync(TimeSpan.FromSeconds(5), rig.Ct);
        clock.Advance(TimeSpan.FromSeconds(5));
        var outcome = await checking;

        Assert.False(outcome.MayPass);
        Assert.Equal(ProblemType.Caa, outcome.Problem.Type);
    }

    [Fact]
    public async Task A_check_that_its_caller_gives_up_is_broken_off_elsewhere_too()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        var (asked, answers) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), false);
        var dns = rig.Resolver(_ =>
        {
            asked.TrySetResult();
            return answers ? DnsReply.Texts(PerspectiveRig.Value) : DnsReply.Silence;
        });
        // It does one check at a time, so the next one shows that the first has ended.
        var north = await rig.RunAsync(rig.Perspective("north", dns), atOnce: 1);
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["north"], TimeSpan.FromMinutes(2)), QuorumPolicy.AtLeast(2));
        using var deactivation = CancellationTokenSource.CreateLinkedTokenSource(rig.Ct);
        var checking = group.CheckAsync(PerspectiveRig.Request, deactivation.Token);
        await asked.Task.WaitAsync(rig.Ct);

        await deactivation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => checking);
        await rig.ForgottenAsync(new InstanceId("north-1"));
        answers = true;
        north.Heard(Notice.ChecksDropped);

        Assert.True((await group.CheckAsync(PerspectiveRig.Request, rig.Ct)).IsProved);
    }

    [Fact]
    public async Task A_forged_answer_does_not_count()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["north"]), QuorumPolicy.AtLeast(2));
        var checking = group.CheckAsync(PerspectiveRig.Request, rig.Ct);

        var (id, question) = await rig.TakeAsync("north", new InstanceId("forger"));
        var forged = await rig.Perspective("north", key: otherKey).CheckAsync(RemoteQuestion.Decode(question).Control!, rig.Ct);
        Assert.IsType<ValidationOutcome.Valid>(forged);
        Assert.True(await rig.Store.AnswerAsync(id, new InstanceId("forger"), RemoteAnswer.Encode(forged), rig.Ct));
        var outcome = await checking;

        Assert.False(outcome.IsProved);
        Assert.Equal(("local: valid, north: perspective-faulty", false), (outcome.Findings, outcome.MayPass));
        Assert.Contains("not signed with the key that is known for it", outcome.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal("local", Assert.Single(outcome.Statements).Perspective);
    }

    [Fact]
    public async Task An_answer_to_an_earlier_question_does_not_count()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["north"]), QuorumPolicy.AtLeast(2));
        var checking = group.CheckAsync(PerspectiveRig.Request, rig.Ct);

        var (id, _) = await rig.TakeAsync("north", new InstanceId("replayer"));
        var earlier = await rig.Perspective("north").CheckCaaAsync(PerspectiveRig.CaaRequest, rig.Ct);
        Assert.True(await rig.Store.AnswerAsync(id, new InstanceId("replayer"), RemoteAnswer.Encode(earlier), rig.Ct));

        Assert.Equal("local: valid, north: perspective-faulty", (await checking).Findings);
    }

    [Fact]
    public async Task CAA_is_looked_up_elsewhere_too()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        await rig.RunAsync(rig.Perspective("north"));
        await rig.RunAsync(rig.Perspective("south", caa: DnsReply.Caa(("issue", "other.example"))));
        var (local, remotes) = (rig.Perspective("local"), rig.Remotes(["north", "south"]));
        using var two = PerspectiveRig.Group(local, remotes, QuorumPolicy.AtLeast(2));
        using var three = PerspectiveRig.Group(local, remotes, QuorumPolicy.AtLeast(3));

        var permitted = await two.CheckCaaAsync(PerspectiveRig.CaaRequest, rig.Ct);
        var all = new HashSet<string> { "local", "north", "south" };
        Assert.True(permitted.IsPermitted(all));
        Assert.False(permitted.IsPermitted(new HashSet<string> { "local", "south" }));
        Assert.Equal(3, permitted.Outcomes.Count);

        var refused = await three.CheckCaaAsync(PerspectiveRig.CaaRequest, rig.Ct);
        Assert.False(refused.IsPermitted(all));
        Assert.StartsWith(
            "2 of the 3 perspectives that proved the name found that CAA permits it and 3 must. The perspective south says: ", refused.Refusal(all).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_webpki_the_problem_says_what_the_rule_wants()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        await rig.RunAsync(rig.Perspective("north"));
        await rig.RunAsync(rig.Perspective("south", DnsReply.UnknownName));
        await rig.RunAsync(rig.Perspective("west", DnsReply.UnknownName));
        var places = new Dictionary<string, RemotePlace>
        {
            ["north"] = new(InternetRegistry.RipeNcc, new GeoPoint(59.91, 10.75)),
            ["south"] = new(InternetRegistry.Afrinic, new GeoPoint(-33.92, 18.42)),
            ["west"] = new(InternetRegistry.Arin, new GeoPoint(37.77, -122.42)),
        };
        // In the spring of 2026 three are enough, and one of them may fail.
        var clock = new WatchedTime(new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero));
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(places.Keys), QuorumPolicy.Corroborated("local", places), clock);

        var outcome = await group.CheckAsync(PerspectiveRig.Request, rig.Ct);

        Assert.Equal(("1/3", false), (outcome.Agreement, outcome.IsProved));
        Assert.StartsWith("2 of 4 perspectives found the name proved, but 1 of 3 remote perspectives agree and 2 must. The perspective ", outcome.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task From_the_day_on_which_the_rules_want_more_perspectives_it_is_not_the_names_fault()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        await rig.RunAsync(rig.Perspective("north"));
        var policy = QuorumPolicy.Corroborated("local", new Dictionary<string, RemotePlace> { ["north"] = new(InternetRegistry.RipeNcc, null) });
        var clock = new WatchedTime(new DateTimeOffset(2026, 12, 15, 0, 0, 0, TimeSpan.Zero));
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["north"]), policy, clock);
        const string sentence =
            "Too few perspectives are configured: only 1 remote perspectives are configured and BR §3.2.2.9 wants 5 since 2026-12-15. Nothing is wrong with the name; tell the operator.";

        var outcome = await group.CheckAsync(PerspectiveRig.Request, rig.Ct);
        Assert.Equal((false, false, ProblemType.ServerInternal, sentence), (outcome.IsProved, outcome.MayPass, outcome.Problem.Type, outcome.Problem.Detail));

        var caa = await group.CheckCaaAsync(PerspectiveRig.CaaRequest, rig.Ct);
        var all = new HashSet<string> { "local", "north" };
        Assert.Equal((false, ProblemType.ServerInternal, sentence), (caa.IsPermitted(all), caa.Refusal(all).Type, caa.Refusal(all).Detail));
    }

    [Fact]
    public async Task A_value_that_was_sent_is_known_again_here_alone()
    {
        await using var rig = await PerspectiveRig.OpenAsync();
        using var group = PerspectiveRig.Group(rig.Perspective("local"), rig.Remotes(["north"]), QuorumPolicy.AtLeast(2));
        var request = PerspectiveRig.Request with { Method = ValidationMethod.ConstructedEmail, Recipient = "admin@corp.example", ValueCreatedAt = 0 };
        Assert.Single((await group.CheckAsync(request, rig.Ct)).Outcomes);
        Assert.Empty(await rig.Store.ClaimAsync("north", new InstanceId("north-1"), 10, DateTimeOffset.MinValue.AddYears(1), rig.Ct));
    }
}
