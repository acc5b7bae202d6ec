using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

/// <summary>What perspectives did is kept with what came of it.</summary>
public sealed class PerspectiveCheckTests
{
    private static readonly DateTimeOffset s_now = StorageSamples.Now;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Each_attempt_of_each_perspective_is_kept_in_the_order_of_time(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (store, authorization) = await AuthorizationAsync(test);
        var challenge = authorization.Challenges[0];
        PerspectiveCheck[] first = [Check("one", 1) with { Cause = "no-address", Diagnosis = "Seen.", Remedy = "Do." }, Check("two", 1)];
        PerspectiveCheck[] second = [Check("one", 2) with { Passed = true, At = s_now.AddSeconds(3) }];

        await store.PostponeValidationAsync(challenge.Id, StorageSamples.Problem, first, attempt: 1, s_now, s_now, Ct);
        await store.CompleteValidationAsync(
            challenge.Id, [StorageSamples.Statement(challenge.Token, authorization.Identifier)], second, s_now.AddSeconds(3), s_now.AddDays(30), Ct);

        var kept = (await store.ListChecksAsync(authorization.Id, 100, Ct))[challenge.Id].ToList();
        Assert.Equivalent(first.Concat(second), kept, strict: true);
        Assert.Equal([("one", 1), ("two", 1), ("one", 2)], kept.Select(c => (c.Perspective, c.Attempt)));
        Assert.Equal(2, Assert.Single((await store.ListChecksAsync(authorization.Id, 1, Ct))[challenge.Id]).Attempt);
    }

    [Theory, EachDatabase]
    public async Task An_attempt_that_was_made_again_after_a_crash_takes_the_place_of_the_first(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (store, authorization) = await AuthorizationAsync(test);
        var challenge = authorization.Challenges[0];

        await store.PostponeValidationAsync(challenge.Id, StorageSamples.Problem, [Check("one", 1)], attempt: 1, s_now, s_now, Ct);
        await store.FailValidationAsync(challenge.Id, StorageSamples.Problem, [Check("one", 1) with { Cause = "tls" }], null, s_now, Ct);

        Assert.Equal("tls", Assert.Single((await store.ListChecksAsync(authorization.Id, 100, Ct))[challenge.Id]).Cause);
    }

    [Theory, EachDatabase]
    public async Task Nothing_is_kept_of_a_check_that_decided_nothing(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (store, authorization) = await AuthorizationAsync(test);
        var challenge = authorization.Challenges[0].Id;
        await store.DeactivateAsync(authorization.Id, Ct);
        await store.FailValidationAsync(challenge, StorageSamples.Problem, [], null, s_now, Ct);

        await store.FailValidationAsync(challenge, StorageSamples.Problem, [Check("one", 1)], null, s_now, Ct);
        await store.PostponeValidationAsync(challenge, StorageSamples.Problem, [Check("one", 1)], attempt: 1, s_now, s_now, Ct);
        await store.CompleteValidationAsync(challenge, [], [Check("one", 1)], s_now, s_now.AddDays(30), Ct);

        Assert.Empty(await store.ListChecksAsync(authorization.Id, 100, Ct));
    }

    [Theory, EachDatabase]
    public async Task It_goes_with_its_authorization(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (store, authorization) = await AuthorizationAsync(test);
        await store.FailValidationAsync(authorization.Challenges[0].Id, StorageSamples.Problem, [Check("one", 1)], null, s_now, Ct);

        await new RetentionStore(test.Database, new RetentionSettings()).DeleteBatchAsync(s_now.AddYears(1), Ct);

        Assert.Null(await store.FindAsync(authorization.Id, Ct));
        Assert.Empty(await store.ListChecksAsync(authorization.Id, 100, Ct));
    }

    private static async Task<(AuthorizationStore Store, Authorization Authorization)> AuthorizationAsync(TestDatabase test)
    {
        var samples = new StorageSamples(test.Database);
        var store = new AuthorizationStore(test.Database);
        var order = await samples.OrderAsync((await samples.AccountAsync()).Id, "a.example");
        return (store, (await store.FindAsync(order.Authorizations[0], Ct))!);
    }

    private static PerspectiveCheck Check(string perspective, int attempt) => new()
    {
        Perspective = perspective,
        Attempt = attempt,
        Identifier = Identifier.Dns("a.example"),
        Passed = false,
        Trace = [1, 2, 3],
        At = s_now,
    };
}
