using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

/// <summary>Limits are counted in the transaction of what uses them.</summary>
public sealed class LimitCountingTests
{
    private static readonly DateTimeOffset s_now = StorageSamples.Now;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task The_database_counts_as_the_algorithm_says(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var random = new Random(11);
        for (var run = 0; run < 8; run++)
        {
            var count = random.Next(1, 20);
            var use = Use(LimitKind.OrdersPerAccount, $"{run}", new RateLimit(count, TimeSpan.FromMilliseconds(random.Next(count, 10_000)), random.Next(1, 2 * count)));
            var (now, tat) = (s_now, (DateTimeOffset?)null);
            for (var i = 0; i < 40; i++)
            {
                // Also backwards: clocks of several processes differ.
                now += TimeSpan.FromMilliseconds((random.NextDouble() - 0.1) * use.Rate.Interval.TotalMilliseconds);
                var expected = use.Rate.Use(tat, now);
                Assert.Equal(expected is not null, await test.Database.WriteAsync(session => LimitCounting.TryUseAsync(session, use, now), Ct));
                tat = expected ?? tat;
                Assert.Equal(tat > now ? tat : null, await TatAsync(test, use, now));
            }
        }
    }

    [Theory, EachDatabase]
    public async Task A_rate_that_changes_counts_the_same_uses(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var random = new Random(12);
        var (now, tat, interval) = (s_now, (DateTimeOffset?)null, TimeSpan.Zero);
        for (var i = 0; i < 200; i++)
        {
            var count = random.Next(1, 20);
            var use = Use(LimitKind.OrdersPerAccount, "1", new RateLimit(count, TimeSpan.FromMilliseconds(random.Next(count, 10_000)), random.Next(1, 2 * count)));
            now += TimeSpan.FromMilliseconds(random.NextDouble() * use.Rate.Interval.TotalMilliseconds);
            var expected = use.Rate.Use(tat is { } t ? use.Rate.Converted(t, interval, now) : null, now);
            Assert.Equal(expected is not null, await test.Database.WriteAsync(session => LimitCounting.TryUseAsync(session, use, now), Ct));
            if (expected is null)
                continue;
            (tat, interval) = (expected, use.Rate.Interval);
            Assert.Equal(tat, await TatAsync(test, use, now));
        }
    }

    [Theory, EachDatabase]
    public async Task A_raised_limit_has_room_at_once_and_a_lowered_one_counts_what_was_used(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        Task<bool> Try(int count, int period) => test.Database.WriteAsync(session => LimitCounting.TryUseAsync(session, Use(LimitKind.OrdersPerAccount, "1", new RateLimit(count, TimeSpan.FromHours(period), count)), s_now), Ct);
        for (var i = 0; i < 6; i++)
            Assert.True(await Try(6, 1));
        Assert.False(await Try(6, 1));
        for (var i = 0; i < 4; i++)
            Assert.True(await Try(10, 1));
        Assert.False(await Try(10, 1));
        Assert.False(await Try(10, 400 * 24));
        Assert.False(await Try(6, 1));
    }

    [Theory, EachDatabase]
    public async Task Of_many_orders_at_once_the_limit_lets_through_exactly_as_many_as_it_says(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var account = await new StorageSamples(test.Database).AccountAsync();
        var orders = new OrderStore(test.Database);
        var use = Use(LimitKind.OrdersPerAccount, "1", Rate(7));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => TryAsync(
            () => orders.CreateAsync(StorageSamples.NewOrder(account.Id, $"host{i}.example") with { Limits = new OrderLimits { Uses = [use] } }, Ct)))));
        Assert.Equal(7, outcomes.Count(o => o is null));
        Assert.All(outcomes.OfType<AcmeException>(), e => Assert.Equal((ProblemType.RateLimited, TimeSpan.FromHours(1)), (e.Problem.Type, e.Problem.RetryAfter!.Value)));
        Assert.Equal(7, (await orders.ListAsync(account.Id, null, 100, Ct)).Count);
    }

    [Theory, EachDatabase]
    public async Task Of_many_certificates_at_once_too_and_an_order_that_is_refused_stays_ready(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var account = await samples.AccountAsync();
        var store = new OrderStore(test.Database);
        var orders = new List<Order>();
        for (var i = 0; i < 12; i++)
        {
            orders.Add(await samples.OrderAsync(account.Id, $"host{i}.example"));
            await samples.ValidateAsync(orders[i]);
        }
        // Each order in another sequence, so that transactions meet.
        LimitUse[] uses = [Use(LimitKind.CertificatesPerDomain, "a.example", Rate(5)), Use(LimitKind.CertificatesPerDomain, "b.example", Rate(6)), Use(LimitKind.CertificatesPerNames, "n", Rate(9))];
        var outcomes = await Task.WhenAll(orders.Select((o, i) => Task.Run(() => TryAsync(
            () => store.BeginFinalizeAsync(o.Id, [1], i % 2 == 0 ? uses : [.. uses.Reverse()], null, s_now, Ct)))));
        Assert.Equal(5, outcomes.Count(o => o is null));
        var states = await Task.WhenAll(orders.Select(async o => (await store.FindAsync(o.Id, Ct))!.Status));
        Assert.Equal((5, 7), (states.Count(s => s == OrderStatus.Processing), states.Count(s => s == OrderStatus.Ready)));
        // What was refused for one limit has used none of the others.
        Assert.Equal(s_now + (5 * Rate(6).Interval), await TatAsync(test, uses[1], s_now));
        Assert.Equal(s_now + (5 * Rate(9).Interval), await TatAsync(test, uses[2], s_now));
    }

    [Theory, EachDatabase]
    public async Task A_new_account_counts_once_and_an_existing_one_not_at_all(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var accounts = new AccountStore(test.Database);
        LimitUse[] uses = [Use(LimitKind.AccountsPerAddress, "192.0.2.1/32", Rate(1))];
        Assert.True((await accounts.FindOrCreateAsync(StorageSamples.NewAccount("t1") with { Limits = uses }, Ct)).Created);
        Assert.False((await accounts.FindOrCreateAsync(StorageSamples.NewAccount("t1") with { Limits = uses }, Ct)).Created);
        var refused = await Assert.ThrowsAsync<AcmeException>(() => accounts.FindOrCreateAsync(StorageSamples.NewAccount("t2") with { Limits = uses }, Ct));
        Assert.Equal(ProblemType.RateLimited, refused.Problem.Type);
        Assert.Null(await accounts.FindByThumbprintAsync("t2", Ct));
    }

    [Theory, EachDatabase]
    public async Task An_order_whose_certificate_would_be_refused_is_refused_at_once_and_uses_nothing(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var account = await new StorageSamples(test.Database).AccountAsync();
        var orders = new OrderStore(test.Database);
        // More than one statement asks for.
        var room = Enumerable.Range(0, 9).Select(i => Use(LimitKind.CertificatesPerDomain, $"d{i}.example", Rate(1))).ToList();
        var own = Use(LimitKind.OrdersPerAccount, "1", Rate(10));
        var limits = new OrderLimits { Uses = [own], MustHaveRoom = room };
        await orders.CreateAsync(StorageSamples.NewOrder(account.Id, "x.example") with { Limits = limits }, Ct);
        Assert.True(await test.Database.WriteAsync(session => LimitCounting.TryUseAsync(session, room[7], s_now), Ct));
        var refused = await Assert.ThrowsAsync<AcmeException>(() => orders.CreateAsync(StorageSamples.NewOrder(account.Id, "x.example") with { Limits = limits }, Ct));
        Assert.Contains("d7.example", refused.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal(s_now + own.Rate.Interval, await TatAsync(test, own, s_now));
    }

    [Theory, EachDatabase]
    public async Task Failures_count_and_close_the_name_to_new_orders(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var account = await samples.AccountAsync();
        var (orders, authorizations) = (new OrderStore(test.Database), new AuthorizationStore(test.Database));
        var use = Use(LimitKind.FailedValidations, "1 a.example", Rate(2));
        for (var i = 0; i < 3; i++)
        {
            var order = await samples.OrderAsync(account.Id, "a.example");
            var challenge = (await authorizations.FindForOrderAsync(order.Id, Ct))[0].Challenges[0].Id;
            Assert.True(await authorizations.BeginValidationAsync(challenge, null, s_now, Ct));
            // The third has no room left, and is stored all the same.
            Assert.True(await authorizations.FailValidationAsync(challenge, StorageSamples.Problem, [], use, s_now, Ct));
        }
        Assert.Equal(s_now + (2 * use.Rate.Interval), await TatAsync(test, use, s_now));
        var refused = await Assert.ThrowsAsync<AcmeException>(() =>
            orders.CreateAsync(StorageSamples.NewOrder(account.Id, "a.example") with { Limits = new OrderLimits { MustHaveRoom = [use] } }, Ct));
        Assert.Contains("failed validations", refused.Problem.Detail, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Pending_authorizations_count_until_they_end_and_reused_ones_never(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        var (account, other) = (await samples.AccountAsync(), await samples.AccountAsync());
        var (orders, authorizations) = (new OrderStore(test.Database), new AuthorizationStore(test.Database));
        NewOrder Wanted(AccountId id, params string[] names) => StorageSamples.NewOrder(id, names) with { Limits = new OrderLimits { MaxPending = 3 } };
        await orders.CreateAsync(Wanted(other.Id, "o1.example", "o2.example", "o3.example"), Ct);
        var first = await orders.CreateAsync(Wanted(account.Id, "a.example", "b.example"), Ct);
        var refused = await Assert.ThrowsAsync<AcmeException>(() => orders.CreateAsync(Wanted(account.Id, "c.example", "d.example"), Ct));
        Assert.Equal((ProblemType.RateLimited, TimeSpan.FromHours(1)), (refused.Problem.Type, refused.Problem.RetryAfter!.Value));
        Assert.Contains("3 pending authorizations", refused.Problem.Detail, StringComparison.Ordinal);
        await orders.CreateAsync(Wanted(account.Id, "c.example"), Ct);
        await Assert.ThrowsAsync<AcmeException>(() => orders.CreateAsync(Wanted(account.Id, "d.example"), Ct));

        await samples.ValidateAsync(first);
        await orders.CreateAsync(Wanted(account.Id, "a.example", "b.example", "e.example") with { ReuseValidUntil = s_now.AddDays(1) }, Ct);
        Assert.True(await authorizations.DeactivateAsync((await orders.CreateAsync(Wanted(account.Id, "f.example"), Ct)).Authorizations[0], Ct));
        await orders.CreateAsync(Wanted(account.Id, "g.example"), Ct);
        await Assert.ThrowsAsync<AcmeException>(() => orders.CreateAsync(Wanted(account.Id, "h.example"), Ct));
        await orders.CreateAsync(Wanted(account.Id, "h.example") with { CreatedAt = s_now.AddDays(7), Expires = s_now.AddDays(8), AuthorizationExpires = s_now.AddDays(8) }, Ct);
    }

    [Theory, EachDatabase]
    public async Task A_restart_forgets_nothing_and_retention_only_what_says_nothing_any_more(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (use, longer) = (Use(LimitKind.OrdersPerAccount, "1", Rate(2)), Use(LimitKind.OrdersPerAccount, "2", new RateLimit(1, TimeSpan.FromDays(7), 1)));
        Assert.True(await test.Database.WriteAsync(session => LimitCounting.TryUseAsync(session, use, s_now), Ct));
        Assert.True(await test.Database.WriteAsync(session => LimitCounting.TryUseAsync(session, longer, s_now), Ct));
        await test.RestartAsync();
        Assert.Equal(s_now + use.Rate.Interval, await TatAsync(test, use, s_now));

        var retention = new RetentionStore(test.Database, new RetentionSettings());
        await retention.DeleteBatchAsync(s_now + use.Rate.Interval, Ct);
        Assert.NotNull(await TatAsync(test, use, s_now));
        await retention.DeleteBatchAsync(s_now + use.Rate.Interval + TimeSpan.FromMilliseconds(1), Ct);
        Assert.Null(await TatAsync(test, use, s_now));
        Assert.NotNull(await TatAsync(test, longer, s_now));
        Assert.True(await new RetentionStore(test.Database, new RetentionSettings { Batch = 1 }).DeleteBatchAsync(s_now.AddDays(8), Ct));
        Assert.Null(await TatAsync(test, longer, s_now));
    }

    [Theory, EachDatabase]
    public async Task Exceptions_and_what_is_used_up_read_back(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new LimitStore(test.Database);
        Assert.True(LimitSubject.TryParse("example.org", out var domain, out _));
        var exception = new LimitOverride
        {
            Limit = LimitKind.CertificatesPerDomain,
            Subject = domain,
            Count = 500,
            Period = TimeSpan.FromDays(7),
            Burst = 100,
            Note = "hosting",
            CreatedAt = s_now,
        };
        await store.SetAsync(exception, Ct);
        Assert.Equal(exception, Assert.Single(await store.OverridesAsync(Ct)));
        var unlimited = exception with { Count = null, Period = null, Burst = null, Note = null };
        await store.SetAsync(unlimited, Ct);
        Assert.Equal(unlimited, Assert.Single(await store.OverridesAsync(Ct)));
        Assert.False(await store.ClearAsync(LimitKind.CertificatesPerNames, domain, Ct));
        Assert.True(await store.ClearAsync(LimitKind.CertificatesPerDomain, domain, Ct));
        Assert.Empty(await store.OverridesAsync(Ct));

        foreach (var key in new[] { "example.org", "example.org 12", "example.orgy" })
            await test.Database.WriteAsync(session => LimitCounting.TryUseAsync(session, Use(LimitKind.CertificatesPerDomain, key, Rate(5)), s_now), Ct);
        Assert.Equal(["example.org", "example.org 12"], (await store.StatesAsync(LimitKind.CertificatesPerDomain, "example.org", s_now, Ct)).Select(s => s.Key));
        Assert.Empty(await store.StatesAsync(LimitKind.CertificatesPerDomain, "example.org", s_now.AddDays(1), Ct));
        Assert.Equal(3, (await store.MostUsedAsync(LimitKind.CertificatesPerDomain, s_now, 10, Ct)).Count);
        Assert.True(await store.ResetAsync(LimitKind.CertificatesPerDomain, "example.org", Ct));
        Assert.False(await store.ResetAsync(LimitKind.CertificatesPerDomain, "example.org", Ct));
    }

    private static RateLimit Rate(int count) => new(count, count * TimeSpan.FromHours(1), count);

    private static LimitUse Use(LimitKind limit, string key, RateLimit rate) => new(limit, key, rate, $"the holder of {key}");

    private static async Task<DateTimeOffset?> TatAsync(TestDatabase test, LimitUse use, DateTimeOffset now) =>
        (await new LimitStore(test.Database).StatesAsync(use.Limit, use.Key, now, Ct)).SingleOrDefault(s => s.Key == use.Key)?.Tat;

    private static async Task<AcmeException?> TryAsync(Func<Task> action)
    {
        try
        {
            await action();
            return null;
        }
        catch (AcmeException e)
        {
            return e;
        }
    }
}
