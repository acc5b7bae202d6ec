using System.Threading.Channels;
using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

/// <summary>Checks that perspectives in other processes are asked for: each is given out once and taken back once.</summary>
public sealed class RemoteCheckStoreTests
{
    private static readonly DateTimeOffset s_now = StorageSamples.Now;
    private static readonly DateTimeOffset s_deadline = s_now.AddSeconds(30);
    private static readonly InstanceId s_asker = new("asker");
    private static readonly InstanceId s_north = new("north-1");
    private static readonly InstanceId s_north2 = new("north-2");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task What_is_asked_is_taken_answered_and_taken_back_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new RemoteCheckStore(test.Database);
        await store.AskAsync(new Dictionary<RemoteCheckId, string> { [Id(1)] = "north", [Id(2)] = "south" }, new byte[] { 1, 2, 3 }, s_deadline, Ct);

        Assert.Empty(await store.TakeResultsAsync(s_asker, Ct));
        var taken = Assert.Single(await store.ClaimAsync("north", s_north, 10, s_now, Ct));
        Assert.Equal(Id(1), taken.Key);
        Assert.Equal([1, 2, 3], taken.Value);
        Assert.Equal([Id(1)], await store.ListTakenAsync(s_north, Ct));
        Assert.Empty(await store.ClaimAsync("north", s_north, 10, s_now, Ct));
        Assert.Empty(await store.ClaimAsync("west", new InstanceId("west-1"), 10, s_now, Ct));

        Assert.True(await store.AnswerAsync(Id(1), s_north, new byte[] { 7, 8 }, Ct));
        Assert.False(await store.AnswerAsync(Id(1), s_north, new byte[] { 9 }, Ct));
        Assert.Empty(await store.TakeResultsAsync(new InstanceId("another"), Ct));
        var answer = Assert.Single(await store.TakeResultsAsync(s_asker, Ct));
        Assert.Equal(Id(1), answer.Key);
        Assert.Equal([7, 8], answer.Value);
        Assert.Empty(await store.TakeResultsAsync(s_asker, Ct));
        Assert.Empty(await store.ListTakenAsync(s_north, Ct));
        Assert.False(await store.AnswerAsync(Id(1), s_north, new byte[] { 9 }, Ct));
    }

    [Theory, EachDatabase]
    public async Task Of_two_processes_of_a_perspective_that_look_at_the_same_time_one_gets_each_check(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new RemoteCheckStore(test.Database);
        await AskAsync(store, 40, s_deadline);

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => store.ClaimAsync("north", new InstanceId($"north-{i}"), 10, s_now, Ct), Ct)));
        var rest = await store.ClaimAsync("north", s_north, 40, s_now, Ct);

        Assert.Equal(Enumerable.Range(1, 40).Select(i => Id(i)), taken.Append(rest).SelectMany(t => t.Keys).OrderBy(id => id.Number));
    }

    [Theory, EachDatabase]
    public async Task No_more_are_given_out_than_wanted_and_the_most_urgent_first(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new RemoteCheckStore(test.Database);
        foreach (var i in (int[])[3, 1, 4, 2])
            await store.AskAsync(new Dictionary<RemoteCheckId, string> { [Id(i)] = "north" }, new byte[] { 1 }, s_now.AddSeconds(i), Ct);

        Assert.Equal([Id(1), Id(2)], (await store.ClaimAsync("north", s_north, 2, s_now, Ct)).Keys.OrderBy(id => id.Number));
        Assert.Equal([Id(3), Id(4)], (await store.ClaimAsync("north", s_north2, 10, s_now, Ct)).Keys.OrderBy(id => id.Number));
        Assert.Equal(new HashSet<RemoteCheckId> { Id(1), Id(2) }, await store.ListTakenAsync(s_north, Ct));
    }

    [Theory, EachDatabase]
    public async Task Only_who_took_a_check_may_answer_it(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new RemoteCheckStore(test.Database);
        await AskAsync(store, 2, s_deadline);
        Assert.Equal([Id(1), Id(2)], (await store.ClaimAsync("north", s_north, 10, s_now, Ct)).Keys.OrderBy(id => id.Number));

        Assert.False(await store.AnswerAsync(Id(1), s_north2, new byte[] { 9 }, Ct));
        Assert.False(await store.AnswerAsync(Id(3), s_north, new byte[] { 9 }, Ct));
        Assert.Empty(await store.TakeResultsAsync(s_asker, Ct));
        Assert.True(await store.AnswerAsync(Id(1), s_north, new byte[] { 9 }, Ct));
    }

    [Theory, EachDatabase]
    public async Task What_nobody_has_taken_cannot_be_answered(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new RemoteCheckStore(test.Database);
        await AskAsync(store, 1, s_deadline);
        Assert.False(await store.AnswerAsync(Id(1), s_north, new byte[] { 9 }, Ct));
    }

    [Theory, EachDatabase]
    public async Task What_is_given_up_is_gone_for_all(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new RemoteCheckStore(test.Database);
        await AskAsync(store, 4, s_deadline);
        await store.ClaimAsync("north", s_north, 2, s_now, Ct);
        var taken = (await store.ListTakenAsync(s_north, Ct)).OrderBy(id => id.Number).ToList();
        var open = Enumerable.Range(1, 4).Select(i => Id(i)).Except(taken).ToList();

        await store.DropAsync([taken[0], open[0], Id(99)], Ct);

        Assert.Equal([taken[1]], await store.ListTakenAsync(s_north, Ct));
        Assert.False(await store.AnswerAsync(taken[0], s_north, new byte[] { 9 }, Ct));
        Assert.Equal([open[1]], (await store.ClaimAsync("north", s_north2, 10, s_now, Ct)).Keys);
    }

    [Theory, EachDatabase]
    public async Task What_nobody_has_waited_for_for_five_minutes_is_not_given_out(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new RemoteCheckStore(test.Database);
        await AskAsync(store, 1, s_deadline);
        Assert.Empty(await store.ClaimAsync("north", s_north, 10, s_deadline.AddMinutes(5), Ct));
        Assert.Single(await store.ClaimAsync("north", s_north, 10, s_deadline.AddMinutes(5).AddMilliseconds(-1), Ct));
    }

    [Theory, EachDatabase]
    public async Task What_is_longer_than_it_may_be_comes_without_its_octets(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new RemoteCheckStore(test.Database);
        var (longest, tooLong) = (new byte[RemoteCheckStore.MaxLength], new byte[RemoteCheckStore.MaxLength + 1]);
        await store.AskAsync(new Dictionary<RemoteCheckId, string> { [Id(1)] = "north" }, longest, s_deadline, Ct);
        await store.AskAsync(new Dictionary<RemoteCheckId, string> { [Id(2)] = "north" }, tooLong, s_deadline, Ct);

        var asked = await store.ClaimAsync("north", s_north, 10, s_now, Ct);
        Assert.Equal((longest.Length, null), (asked[Id(1)]?.Length, asked[Id(2)]?.Length));

        Assert.True(await store.AnswerAsync(Id(1), s_north, tooLong, Ct));
        Assert.True(await store.AnswerAsync(Id(2), s_north, longest, Ct));
        var answers = await store.TakeResultsAsync(s_asker, Ct);
        Assert.Equal((null, longest.Length), (answers[Id(1)]?.Length, answers[Id(2)]?.Length));
    }

    [Theory, EachDatabase]
    public async Task What_a_process_left_that_has_ended_goes_after_an_hour(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (store, retention) = (new RemoteCheckStore(test.Database), new RetentionStore(test.Database, new RetentionSettings()));
        await AskAsync(store, 2, s_deadline);
        await store.ClaimAsync("north", s_north, 1, s_now, Ct);

        await retention.DeleteBatchAsync(s_deadline.AddHours(1), Ct);
        Assert.Single(await store.ListTakenAsync(s_north, Ct));
        await retention.DeleteBatchAsync(s_deadline.AddHours(1).AddMilliseconds(1), Ct);
        Assert.Empty(await store.ListTakenAsync(s_north, Ct));
        Assert.Empty(await store.ClaimAsync("north", s_north, 10, s_now, Ct));
    }

    [Theory, EachDatabase(DatabaseKind.Postgres)]
    public async Task Each_side_hears_what_the_other_has_done(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        await using var hearing = await Hearing.BeginAsync(test.Database);
        var store = new RemoteCheckStore(test.Database);

        await AskAsync(store, 2, s_deadline);
        Assert.Equal(Notice.ChecksAsked, await hearing.NextAsync());
        await store.ClaimAsync("north", s_north, 10, s_now, Ct);
        Assert.False(await store.AnswerAsync(Id(1), s_north2, new byte[] { 9 }, Ct));
        Assert.True(await store.AnswerAsync(Id(1), s_north, new byte[] { 9 }, Ct));
        Assert.Equal(Notice.ChecksAnswered, await hearing.NextAsync());
        await store.DropAsync([Id(99)], Ct);
        await store.DropAsync([Id(2)], Ct);
        Assert.Equal(Notice.ChecksDropped, await hearing.NextAsync());
        // Nothing else was told meanwhile.
        await AskAsync(store, 1, s_deadline, "another");
        Assert.Equal(Notice.ChecksAsked, await hearing.NextAsync());
    }

    [Theory, EachDatabase(DatabaseKind.Postgres)]
    public async Task A_challenge_and_an_order_that_nobody_has_leased_are_heard_of(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (orders, authorizations) = (new OrderStore(test.Database), new AuthorizationStore(test.Database));
        var account = await samples.AccountAsync();
        var (pending, ready) = (await samples.OrderAsync(account.Id, "a.example", "b.example"), await samples.ReadyAsync(account.Id, "c.example"));
        var challenges = (await authorizations.FindForOrderAsync(pending.Id, Ct)).Select(a => a.Challenges[0].Id).ToList();
        await using var hearing = await Hearing.BeginAsync(test.Database);

        Assert.True(await authorizations.BeginValidationAsync(challenges[0], StorageSamples.Lease, s_now, Ct));
        Assert.True(await authorizations.BeginValidationAsync(challenges[1], null, s_now, Ct));
        Assert.Equal(Notice.Challenge, await hearing.NextAsync());
        Assert.False(await authorizations.BeginValidationAsync(challenges[1], null, s_now, Ct));
        Assert.True(await orders.BeginFinalizeAsync(ready.Id, [5, 5, 5], [], null, s_now, Ct));
        Assert.Equal(Notice.Order, await hearing.NextAsync());
    }

    [Theory, EachDatabase(DatabaseKind.Sqlite)]
    public async Task Where_there_is_one_process_there_is_nothing_to_hear(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        using var stop = new CancellationTokenSource();
        var listening = test.Database.ListenAsync(n => Assert.Fail($"{n} was heard"), TimeProvider.System, stop.Token);
        await AskAsync(new RemoteCheckStore(test.Database), 1, s_deadline);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
    }

    private static RemoteCheckId Id(long number) => new(s_asker, number);

    private static Task AskAsync(RemoteCheckStore store, int count, DateTimeOffset deadline, string? asker = null) => store.AskAsync(
        Enumerable.Range(1, count).ToDictionary(i => asker is null ? Id(i) : new RemoteCheckId(new InstanceId(asker), i), _ => "north"), new byte[] { 1 }, deadline, Ct);

    /// <summary>Another process that listens.</summary>
    private sealed class Hearing : IAsyncDisposable
    {
        private readonly Channel<Notice?> _heard = Channel.CreateUnbounded<Notice?>();
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _listening;

        private Hearing(Database database) =>
            _listening = database.ListenAsync(n => _heard.Writer.TryWrite(n), TimeProvider.System, _stop.Token);

        internal static async Task<Hearing> BeginAsync(Database database)
        {
            var hearing = new Hearing(database);
            // Whatever was before that may have been missed.
            Assert.Null(await hearing.NextAsync());
            return hearing;
        }

        // What is not told within a minute is not told.
        internal Task<Notice?> NextAsync() => _heard.Reader.ReadAsync(Ct).AsTask().WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, Ct);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _listening);
            _stop.Dispose();
        }
    }
}
