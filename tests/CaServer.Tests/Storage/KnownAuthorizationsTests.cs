using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

/// <summary>What the process has in hand is what another reader of the same database sees.</summary>
public sealed class KnownAuthorizationsTests
{
    private static readonly DateTimeOffset s_now = StorageSamples.Now;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task An_authorization_is_the_same_whether_it_was_made_or_read(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var account = await new StorageSamples(test.Database).AccountAsync();
        var order = await new OrderStore(test.Database).CreateAsync(
            StorageSamples.NewOrder(account.Id) with
            {
                AuthorizationExpires = s_now.AddDays(1).AddTicks(1),
                Names = [new(Identifier.Dns("*.a.example"), [new(ValidationMethod.Dns01, "one"), new(ValidationMethod.DnsAccount01, "two")])],
            },
            Ct);

        await SameForAllAsync(test, order.Authorizations[0]);
    }

    [Theory, EachDatabase]
    public async Task Every_change_of_a_challenge_or_its_authorization_is_seen_at_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AuthorizationStore(test.Database);
        var account = await new StorageSamples(test.Database).AccountAsync();
        var order = await new OrderStore(test.Database).CreateAsync(StorageSamples.NewOrder(account.Id, "a.example", "b.example", "c.example"), Ct);
        var challenges = new List<ChallengeId>();
        foreach (var id in order.Authorizations)
            challenges.Add((await store.FindAsync(id, Ct))!.Challenges[0].Id);

        await store.BeginValidationAsync(challenges[0], null, s_now, Ct);
        Assert.Equal(ChallengeStatus.Processing, (await SameForAllAsync(test, order.Authorizations[0])).Challenges[0].Status);
        await store.PostponeValidationAsync(challenges[0], StorageSamples.Problem, [], 1, s_now.AddSeconds(3), s_now, Ct);
        Assert.NotNull((await SameForAllAsync(test, order.Authorizations[0])).Challenges[0].Error);
        await store.CompleteValidationAsync(challenges[0], [], [], s_now, s_now.AddDays(1), Ct);
        Assert.Equal(AuthorizationStatus.Valid, (await SameForAllAsync(test, order.Authorizations[0])).Status);

        await store.FailValidationAsync(challenges[1], StorageSamples.Problem, [], null, s_now, Ct);
        Assert.Equal(AuthorizationStatus.Invalid, (await SameForAllAsync(test, order.Authorizations[1])).Status);

        await store.DeactivateAsync(order.Authorizations[2], Ct);
        Assert.Equal(AuthorizationStatus.Deactivated, (await SameForAllAsync(test, order.Authorizations[2])).Status);
    }

    [Theory, EachDatabase]
    public async Task What_retention_deletes_is_gone_at_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var account = await new StorageSamples(test.Database).AccountAsync();
        var order = await new OrderStore(test.Database).CreateAsync(StorageSamples.NewOrder(account.Id, "a.example"), Ct);
        var store = new AuthorizationStore(test.Database);
        Assert.NotNull(await store.FindAsync(order.Authorizations[0], Ct));

        await new RetentionStore(test.Database, new RetentionSettings()).DeleteBatchAsync(s_now.AddYears(5), Ct);
        Assert.Null(await store.FindAsync(order.Authorizations[0], Ct));
    }

    [Theory, EachDatabase(DatabaseKind.Sqlite)]
    public async Task What_a_command_beside_changes_is_seen_at_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var account = await new StorageSamples(test.Database).AccountAsync();
        var order = await new OrderStore(test.Database).CreateAsync(StorageSamples.NewOrder(account.Id, "a.example"), Ct);
        var store = new AuthorizationStore(test.Database);
        await store.FindAsync(order.Authorizations[0], Ct);

        await using (var command = await Database.OpenForCommandAsync(test.Settings, TimeProvider.System, Ct))
            Assert.True(await new AuthorizationStore(command).DeactivateAsync(order.Authorizations[0], Ct));
        Assert.Equal(AuthorizationStatus.Deactivated, (await store.FindAsync(order.Authorizations[0], Ct))!.Status);
    }

    [Fact]
    public async Task A_change_of_a_challenge_that_is_not_known_is_one_of_any()
    {
        var known = new KnownAuthorizations(() => 0);
        var id = new AuthorizationId(1);
        var authorization = new Authorization
        {
            Id = id,
            AccountId = new AccountId(1),
            Identifier = Identifier.Dns("a.example"),
            Status = AuthorizationStatus.Pending,
            Expires = s_now,
            Challenges = [new() { Id = new ChallengeId(7), AuthorizationId = id, Method = ValidationMethod.Http01, Status = ChallengeStatus.Pending, Token = "t" }],
        };

        // It was read, and before it is kept its challenge changes.
        var read = known.Now(id);
        await known.ChangeAsync(new ChallengeId(7), Task.FromResult(true));
        known.Keep(authorization, read);
        Assert.Null(known.Find(id));

        known.Keep(authorization, known.Now(id));
        Assert.Same(authorization, known.Find(new ChallengeId(7)));
        await known.ChangeAsync(new ChallengeId(7), Task.FromResult(true));
        Assert.Null(known.Find(new ChallengeId(7)));
    }

    private static async Task<Authorization> SameForAllAsync(TestDatabase test, AuthorizationId id)
    {
        await using var other = await Database.OpenReadOnlyAsync(test.Settings, Ct);
        var read = await new AuthorizationStore(other).FindAsync(id, Ct);
        var store = new AuthorizationStore(test.Database);
        Assert.Equivalent(read, await store.FindAsync(id, Ct), strict: true);
        Assert.Equivalent(read, await store.FindByChallengeAsync(read!.Challenges[^1].Id, Ct), strict: true);
        return read;
    }
}
