using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class AuthorizationStoreTests
{
    private static readonly DateTimeOffset s_now = StorageSamples.Now;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task An_authorization_is_found_by_its_id_and_by_its_challenge_with_all_challenges(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AuthorizationStore(test.Database);
        var account = await new StorageSamples(test.Database).AccountAsync();
        var order = await new OrderStore(test.Database).CreateAsync(
            StorageSamples.NewOrder(account.Id) with
            {
                Names = [new(Identifier.Dns("a.example"), [new(ValidationMethod.Http01, "one"), new(ValidationMethod.Http01, "two")])],
            },
            Ct);

        var authorization = await store.FindAsync(order.Authorizations[0], Ct);

        Assert.Equal(account.Id, authorization!.AccountId);
        Assert.Equal(Identifier.Dns("a.example"), authorization.Identifier);
        Assert.Equal(order.Expires, authorization.Expires);
        Assert.Equal(["one", "two"], authorization.Challenges.Select(c => c.Token));
        Assert.All(authorization.Challenges, c => Assert.Equal((ChallengeStatus.Pending, authorization.Id), (c.Status, c.AuthorizationId)));
        Assert.Equivalent(authorization, await store.FindByChallengeAsync(authorization.Challenges[1].Id, Ct));
        Assert.Null(await store.FindAsync(new AuthorizationId(99), Ct));
        Assert.Null(await store.FindByChallengeAsync(new ChallengeId(99), Ct));
    }

    [Theory, EachDatabase]
    public async Task A_challenge_is_answered_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AuthorizationStore(test.Database);
        var challenge = await ChallengeAsync(test, "a.example");

        var won = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => store.BeginValidationAsync(challenge, null, s_now, Ct), Ct)));

        Assert.Single(won, w => w);
        Assert.Equal(ChallengeStatus.Processing, (await store.FindByChallengeAsync(challenge, Ct))!.Challenges[0].Status);
    }

    [Theory, EachDatabase]
    public async Task A_check_that_is_put_off_is_nobodys_until_it_is_due_and_shows_its_error(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AuthorizationStore(test.Database);
        var challenge = await ChallengeAsync(test, "a.example");

        // The check was begun at once, so the row is still pending.
        Assert.True(await store.PostponeValidationAsync(challenge, StorageSamples.Problem, [], attempt: 1, s_now.AddSeconds(3), s_now, Ct));
        var shown = (await store.FindByChallengeAsync(challenge, Ct))!.Challenges[0];
        Assert.Equal((ChallengeStatus.Processing, StorageSamples.Problem.Detail), (shown.Status, shown.Error?.Detail));
        Assert.Null(await store.ClaimValidationAsync(StorageSamples.Lease, s_now.AddSeconds(2), Ct));
        Assert.Equal(2, (await store.ClaimValidationAsync(StorageSamples.Lease, s_now.AddSeconds(3), Ct))!.Attempt);

        // A restart does not begin to count anew.
        Assert.True(await store.PostponeValidationAsync(challenge, StorageSamples.Problem, [], attempt: 2, s_now.AddSeconds(9), s_now, Ct));
        await test.RestartAsync();
        store = new AuthorizationStore(test.Database);
        Assert.Equal(3, (await store.ClaimValidationAsync(StorageSamples.Lease, s_now.AddSeconds(9), Ct))!.Attempt);

        Assert.True(await store.CompleteValidationAsync(challenge, [StorageSamples.Statement("one", Identifier.Dns("a.example"))], [], s_now, s_now.AddDays(30), Ct));
        Assert.Null((await store.FindByChallengeAsync(challenge, Ct))!.Challenges[0].Error);
        Assert.False(await store.PostponeValidationAsync(challenge, StorageSamples.Problem, [], attempt: 2, s_now, s_now, Ct));
    }

    [Theory, EachDatabase]
    public async Task Deactivation_ends_the_checks_of_the_authorization(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AuthorizationStore(test.Database);
        var challenge = await ChallengeAsync(test, "a.example");
        await store.PostponeValidationAsync(challenge, StorageSamples.Problem, [], attempt: 1, s_now.AddSeconds(3), s_now, Ct);
        var authorization = (await store.FindByChallengeAsync(challenge, Ct))!;

        Assert.True(await store.DeactivateAsync(authorization.Id, Ct));

        Assert.Equal(ChallengeStatus.Invalid, (await store.FindAsync(authorization.Id, Ct))!.Challenges[0].Status);
        Assert.Null(await store.ClaimValidationAsync(StorageSamples.Lease, s_now.AddDays(1), Ct));
        Assert.False(await store.PostponeValidationAsync(challenge, StorageSamples.Problem, [], attempt: 1, s_now, s_now, Ct));
    }

    [Theory, EachDatabase]
    public async Task A_challenge_that_is_checked_at_once_is_decided_without_being_processing(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AuthorizationStore(test.Database);
        var (good, bad) = (await ChallengeAsync(test, "a.example"), await ChallengeAsync(test, "b.example"));
        var statement = StorageSamples.Statement("one", Identifier.Dns("a.example"));

        Assert.True(await store.CompleteValidationAsync(good, [statement], [], s_now, s_now.AddDays(30), Ct));
        Assert.True(await store.FailValidationAsync(bad, StorageSamples.Problem, [], null, s_now, Ct));

        Assert.Equal(AuthorizationStatus.Valid, (await store.FindByChallengeAsync(good, Ct))!.Status);
        Assert.Equal(AuthorizationStatus.Invalid, (await store.FindByChallengeAsync(bad, Ct))!.Status);
        Assert.False(await store.BeginValidationAsync(good, null, s_now, Ct));
        Assert.False(await store.FailValidationAsync(good, StorageSamples.Problem, [], null, s_now, Ct));
        Assert.False(await store.CompleteValidationAsync(bad, [statement], [], s_now, s_now.AddDays(30), Ct));
    }

    [Theory, EachDatabase]
    public async Task A_challenge_of_an_authorization_that_ran_out_or_ended_is_not_answered(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AuthorizationStore(test.Database);
        var challenge = await ChallengeAsync(test, "a.example");
        var authorization = (await store.FindByChallengeAsync(challenge, Ct))!;

        Assert.False(await store.BeginValidationAsync(challenge, null, authorization.Expires, Ct));
        Assert.True(await store.DeactivateAsync(authorization.Id, Ct));
        Assert.False(await store.BeginValidationAsync(challenge, null, s_now, Ct));
    }

    [Theory, EachDatabase]
    public async Task Claimed_work_says_what_to_check_and_is_nobody_elses_until_the_lease_ends(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new AuthorizationStore(test.Database);
        var account = await samples.AccountAsync();
        var order = await samples.OrderAsync(account.Id, "a.example");
        var challenge = (await store.FindForOrderAsync(order.Id, Ct))[0].Challenges[0];
        Assert.Null(await store.ClaimValidationAsync(StorageSamples.Lease, s_now, Ct));
        await store.BeginValidationAsync(challenge.Id, null, s_now, Ct);

        var work = await store.ClaimValidationAsync(StorageSamples.Lease, s_now, Ct);

        var expected = new ValidationWork
        {
            ChallengeId = challenge.Id,
            AuthorizationId = order.Authorizations[0],
            AccountId = account.Id,
            Thumbprint = account.Thumbprint,
            Identifier = Identifier.Dns("a.example"),
            Method = ValidationMethod.Http01,
            Token = challenge.Token,
            Attempt = 1,
        };
        Assert.Equal(expected, work);
        Assert.Null(await store.ClaimValidationAsync(StorageSamples.Lease, s_now, Ct));
        Assert.Equal(expected with { Attempt = 2 }, await store.ClaimValidationAsync(StorageSamples.Lease, StorageSamples.Lease.Until, Ct));
    }

    [Theory, EachDatabase]
    public async Task Claims_never_hand_the_same_challenge_to_two_processes(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new AuthorizationStore(test.Database);
        var order = await samples.OrderAsync((await samples.AccountAsync()).Id, Enumerable.Range(0, 10).Select(i => $"a{i}.example"));
        foreach (var authorization in await store.FindForOrderAsync(order.Id, Ct))
            await store.BeginValidationAsync(authorization.Challenges[0].Id, null, s_now, Ct);

        var claims = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => Task.Run(() => store.ClaimValidationAsync(StorageSamples.Lease, s_now, Ct), Ct)));

        Assert.Equal(10, claims.OfType<ValidationWork>().Select(w => w.ChallengeId).Distinct().Count());
        Assert.Equal(6, claims.Count(c => c is null));
    }

    [Theory, EachDatabase]
    public async Task The_last_proof_makes_the_order_ready_and_keeps_the_statements(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (store, orders) = (new AuthorizationStore(test.Database), new OrderStore(test.Database));
        var order = await samples.OrderAsync((await samples.AccountAsync()).Id, "a.example", "b.example");
        var authorizations = await store.FindForOrderAsync(order.Id, Ct);
        var statements = authorizations.Select(a => StorageSamples.Statement(a.Challenges[0].Token, a.Identifier)).ToList();

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(OrderStatus.Pending, (await orders.FindAsync(order.Id, Ct))!.Status);
            var challenge = authorizations[i].Challenges[0].Id;
            Assert.True(await store.BeginValidationAsync(challenge, StorageSamples.Lease, s_now, Ct));
            Assert.True(await store.CompleteValidationAsync(challenge, [statements[i]], [], s_now.AddSeconds(1), s_now.AddDays(30), Ct));
            Assert.False(await store.CompleteValidationAsync(challenge, [statements[i]], [], s_now.AddSeconds(1), s_now.AddDays(30), Ct));
        }

        Assert.Equal(OrderStatus.Ready, (await orders.FindAsync(order.Id, Ct))!.Status);
        var proved = (await store.FindAsync(order.Authorizations[0], Ct))!;
        Assert.Equal((AuthorizationStatus.Valid, s_now.AddDays(30)), (proved.Status, proved.Expires));
        Assert.Equal((ChallengeStatus.Valid, s_now.AddSeconds(1)), (proved.Challenges[0].Status, proved.Challenges[0].ValidatedAt));
        Assert.True(await orders.BeginFinalizeAsync(order.Id, [1], [], null, s_now, Ct));
        Assert.Equal(statements.Select(s => s.Compact), (await new IssuanceStore(test.Database).LoadAsync(order.Id, Ct))!.Statements);
    }

    [Theory, EachDatabase]
    public async Task Proofs_that_arrive_at_the_same_moment_make_the_order_ready(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new AuthorizationStore(test.Database);
        var account = await samples.AccountAsync();
        for (var round = 0; round < 5; round++)
        {
            var order = await samples.OrderAsync(account.Id, Enumerable.Range(0, 8).Select(i => $"a{i}.example"));
            var challenges = (await store.FindForOrderAsync(order.Id, Ct)).Select(a => a.Challenges[0].Id).ToList();
            foreach (var challenge in challenges)
                await store.BeginValidationAsync(challenge, null, s_now, Ct);

            await Task.WhenAll(
                challenges.Select(c => Task.Run(() => store.CompleteValidationAsync(c, [], [], s_now, s_now.AddDays(30), Ct), Ct)));

            Assert.Equal(OrderStatus.Ready, (await new OrderStore(test.Database).FindAsync(order.Id, Ct))!.Status);
        }
    }

    [Theory, EachDatabase]
    public async Task A_failed_check_ends_challenge_authorization_and_order_with_the_same_problem(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var store = new AuthorizationStore(test.Database);
        var order = await samples.OrderAsync((await samples.AccountAsync()).Id, "a.example", "b.example");
        var challenge = (await store.FindAsync(order.Authorizations[1], Ct))!.Challenges[0].Id;
        await store.BeginValidationAsync(challenge, StorageSamples.Lease, s_now, Ct);

        Assert.True(await store.FailValidationAsync(challenge, StorageSamples.Problem, [], null, s_now, Ct));
        Assert.False(await store.FailValidationAsync(challenge, StorageSamples.Problem, [], null, s_now, Ct));

        var failed = (await store.FindByChallengeAsync(challenge, Ct))!;
        Assert.Equal((AuthorizationStatus.Invalid, ChallengeStatus.Invalid), (failed.Status, failed.Challenges[0].Status));
        Assert.Equivalent(StorageSamples.Problem, failed.Challenges[0].Error, strict: true);
        var ended = (await new OrderStore(test.Database).FindAsync(order.Id, Ct))!;
        Assert.Equal(OrderStatus.Invalid, ended.Status);
        Assert.Equivalent(StorageSamples.Problem, ended.Error, strict: true);
    }

    [Theory, EachDatabase]
    public async Task A_proof_for_an_authorization_that_ended_meanwhile_changes_nothing_but_ends_the_challenge(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AuthorizationStore(test.Database);
        var challenge = await ChallengeAsync(test, "a.example");
        await store.BeginValidationAsync(challenge, null, s_now, Ct);
        var authorization = (await store.FindByChallengeAsync(challenge, Ct))!;
        Assert.True(await store.DeactivateAsync(authorization.Id, Ct));

        Assert.False(await store.CompleteValidationAsync(challenge, [], [], s_now, s_now.AddDays(30), Ct));

        var ended = (await store.FindAsync(authorization.Id, Ct))!;
        Assert.Equal((AuthorizationStatus.Deactivated, ChallengeStatus.Invalid), (ended.Status, ended.Challenges[0].Status));
        Assert.Null(await store.ClaimValidationAsync(StorageSamples.Lease, s_now, Ct));
    }

    [Theory, EachDatabase]
    public async Task A_deactivated_authorization_ends_the_orders_that_are_not_finalized_and_is_not_reused(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (store, orders) = (new AuthorizationStore(test.Database), new OrderStore(test.Database));
        var account = await samples.AccountAsync();
        var finalized = await samples.FinalizedAsync(account.Id, "a.example");
        var again = StorageSamples.NewOrder(account.Id, "a.example") with { ReuseValidUntil = s_now };
        var ready = await orders.CreateAsync(again, Ct);

        Assert.True(await store.DeactivateAsync(finalized.Authorizations[0], Ct));
        Assert.False(await store.DeactivateAsync(finalized.Authorizations[0], Ct));

        Assert.Equal(OrderStatus.Processing, (await orders.FindAsync(finalized.Id, Ct))!.Status);
        var ended = (await orders.FindAsync(ready.Id, Ct))!;
        Assert.Equal((OrderStatus.Invalid, ProblemType.Unauthorized), (ended.Status, ended.Error!.Type));
        Assert.Equal(OrderStatus.Pending, (await orders.CreateAsync(again, Ct)).Status);
    }

    private static async Task<ChallengeId> ChallengeAsync(TestDatabase test, string name)
    {
        var samples = new StorageSamples(test.Database);
        var order = await samples.OrderAsync((await samples.AccountAsync()).Id, name);
        return (await new AuthorizationStore(test.Database).FindForOrderAsync(order.Id, Ct))[0].Challenges[0].Id;
    }
}
