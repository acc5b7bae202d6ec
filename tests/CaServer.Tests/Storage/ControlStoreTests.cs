using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

/// <summary>Requests to prove a name: each ends once, and what it proves is an authorization like any other.</summary>
public sealed class ControlStoreTests
{
    private static readonly DateTimeOffset s_now = StorageSamples.Now;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_request_is_found_by_its_number_and_by_what_was_sent(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (store, account) = (new ControlStore(test.Database), await new StorageSamples(test.Database).AccountAsync());
        var wanted = Wanted(account.Id, "*.a.example", ValidationMethod.CaaEmail) with { SentHash = SHA256.HashData([1]) };

        var made = (await store.CreateAsync(wanted, Ct))!;

        Assert.Equal(made, await store.FindAsync(made.Id, Ct));
        Assert.Equal(made, await store.FindSentAsync(SHA256.HashData([1]), Ct));
        Assert.Null(await store.FindSentAsync(SHA256.HashData([2]), Ct));
        Assert.Equal(wanted.Terms, made.TermsFor(wanted.Terms.AccountUrl));
        Assert.Equal((ControlRequestState.Waiting, 0, s_now, s_now.AddDays(7)), (made.State, made.Attempts, made.CreatedAt, made.Expires));
        Assert.Equal((true, false, ControlRequestState.Expired), (made.IsOpenAt(s_now.AddDays(7).AddSeconds(-1)), made.IsOpenAt(s_now.AddDays(7)), made.StateAt(s_now.AddDays(7))));
    }

    [Theory, EachDatabase]
    public async Task An_answer_is_taken_once_and_in_time(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (store, account) = (new ControlStore(test.Database), await new StorageSamples(test.Database).AccountAsync());
        var (made, late, refused) = (await MadeAsync(store, account.Id), await MadeAsync(store, account.Id), await MadeAsync(store, account.Id));

        Assert.Equal(1, (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => store.ConfirmAsync(made.Id, "answer", s_now, Ct), Ct)))).Count(won => won));
        Assert.False(await store.ConfirmAsync(late.Id, "answer", s_now.AddDays(7), Ct));
        Assert.True(await store.EndAsync(refused.Id, ControlRequestState.Refused, s_now, Ct));
        Assert.False(await store.ConfirmAsync(refused.Id, "answer", s_now, Ct));
        Assert.False(await store.EndAsync(refused.Id, ControlRequestState.Cancelled, s_now, Ct));

        var found = (await store.FindAsync(made.Id, Ct))!;
        Assert.Equal((ControlRequestState.Confirmed, "answer", s_now), (found.State, found.Answer, found.ConfirmedAt));
        Assert.Equal((ControlRequestState.Refused, null), ((await store.FindAsync(refused.Id, Ct))!.State, (await store.FindAsync(refused.Id, Ct))!.Answer));
    }

    [Theory, EachDatabase]
    public async Task What_is_proved_is_an_authorization_that_the_next_order_takes(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (store, account, other) = (new ControlStore(test.Database), await samples.AccountAsync(), await samples.AccountAsync());
        var made = await MadeAsync(store, account.Id, "*.a.example");
        var proved = new ControlProved([StorageSamples.Statement(made.Token, made.Identifier)], [], s_now, s_now.AddDays(30));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => store.ProveAsync(made, proved, Ct), Ct)));

        var id = Assert.Single(outcomes, o => o is not null)!.Value;
        var authorization = (await new AuthorizationStore(test.Database).FindAsync(id, Ct))!;
        Assert.Equal((AuthorizationStatus.Valid, "*.a.example", s_now.AddDays(30)), (authorization.Status, authorization.Identifier.ToString(), authorization.Expires));
        Assert.Equal((ValidationMethod.DnsText, ChallengeStatus.Valid), (authorization.Challenges.Single().Method, authorization.Challenges.Single().Status));
        Assert.Equal((ControlRequestState.Proved, id), ((await store.FindAsync(made.Id, Ct))!.State, (await store.FindAsync(made.Id, Ct))!.AuthorizationId));
        var orders = new OrderStore(test.Database);
        Assert.Equal(OrderStatus.Ready, (await orders.CreateAsync(StorageSamples.NewOrder(account.Id, "*.a.example") with { ReuseValidUntil = s_now.AddDays(7) }, Ct)).Status);
        Assert.Equal(OrderStatus.Pending, (await orders.CreateAsync(StorageSamples.NewOrder(account.Id, "a.example") with { ReuseValidUntil = s_now.AddDays(7) }, Ct)).Status);
        Assert.Equal(OrderStatus.Pending, (await orders.CreateAsync(StorageSamples.NewOrder(other.Id, "*.a.example") with { ReuseValidUntil = s_now.AddDays(7) }, Ct)).Status);
    }

    [Theory, EachDatabase]
    public async Task An_account_that_is_gone_and_a_request_that_has_ended_get_nothing(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (store, account, gone) = (new ControlStore(test.Database), await samples.AccountAsync(), await samples.AccountAsync());
        var (cancelled, orphan) = (await MadeAsync(store, account.Id), await MadeAsync(store, gone.Id));
        await store.EndAsync(cancelled.Id, ControlRequestState.Cancelled, s_now, Ct);
        await new AccountStore(test.Database).DeactivateAsync(gone.Id, StorageSamples.Leaf("accountDeactivated"), Ct);

        foreach (var request in (ControlRequest[])[cancelled, orphan])
            Assert.Null(await store.ProveAsync(request, new ControlProved([StorageSamples.Statement(request.Token, request.Identifier)], [], s_now, s_now.AddDays(30)), Ct));
        Assert.Equal(ControlRequestState.Waiting, (await store.FindAsync(orphan.Id, Ct))!.State);
    }

    [Theory, EachDatabase]
    public async Task Open_requests_and_checks_are_bounded_and_what_is_long_over_is_deleted(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (store, account) = (new ControlStore(test.Database), await new StorageSamples(test.Database).AccountAsync());
        var wanted = Wanted(account.Id, "a.example") with { MaxOpen = 2 };
        var (first, second) = ((await store.CreateAsync(wanted, Ct))!, (await store.CreateAsync(Again(wanted), Ct))!);
        Assert.Null(await store.CreateAsync(Again(wanted), Ct));
        Assert.True(await store.EndAsync(first.Id, ControlRequestState.Cancelled, s_now, Ct));
        var third = (await store.CreateAsync(Again(wanted), Ct))!;
        Assert.Equal([third.Id, second.Id], (await store.ListAsync(account.Id, s_now, null, 10, Ct)).Select(r => r.Id));
        Assert.Equal([second.Id, first.Id], (await store.ListAsync(null, null, third.Id, 10, Ct)).Select(r => r.Id));

        Assert.True(await store.BeginCheckAsync(third.Id, 2, s_now, Ct));
        Assert.True(await store.BeginCheckAsync(third.Id, 2, s_now, Ct));
        Assert.False(await store.BeginCheckAsync(third.Id, 2, s_now, Ct));
        Assert.Equal(2, (await store.FindAsync(third.Id, Ct))!.Attempts);

        var settings = new RetentionSettings();
        var retention = new RetentionStore(test.Database, settings);
        await retention.DeleteBatchAsync(s_now.AddDays(7) + settings.ControlRequests, Ct);
        Assert.NotNull(await store.FindAsync(third.Id, Ct));
        await retention.DeleteBatchAsync(s_now.AddDays(7) + settings.ControlRequests + TimeSpan.FromMilliseconds(1), Ct);
        Assert.Empty(await store.ListAsync(null, null, null, 10, Ct));
    }

    private static async Task<ControlRequest> MadeAsync(ControlStore store, AccountId account, string name = "a.example") => (await store.CreateAsync(Wanted(account, name), Ct))!;

    private static NewControlRequest Again(NewControlRequest request) => request with { Terms = request.Terms with { Token = Challenge.NewToken() } };

    private static NewControlRequest Wanted(AccountId account, string name, ValidationMethod method = ValidationMethod.DnsText) => new()
    {
        AccountId = account,
        Terms = new ControlTerms
        {
            Method = method,
            Token = Challenge.NewToken(),
            AccountUrl = "https://ca.example/acme/account/1",
            Identifier = Identifier.Dns(name),
            Recipient = MethodRule.Of(method).IsEmail ? "it@a.example" : null,
            CreatedAt = s_now.ToUnixTimeSeconds(),
        },
        Expires = s_now.AddDays(7),
        MaxOpen = 100,
    };
}
