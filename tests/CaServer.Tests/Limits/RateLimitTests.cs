using CaServer.Domain;

namespace CaServer.Tests.Limits;

public sealed class RateLimitTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void As_many_as_the_burst_come_at_once_and_then_one_in_each_interval()
    {
        var rate = new RateLimit(300, TimeSpan.FromHours(3), 300);
        Assert.Equal(TimeSpan.FromSeconds(36), rate.Interval);
        DateTimeOffset? tat = null;
        for (var i = 0; i < 300; i++)
            tat = rate.Use(tat, s_start) ?? throw new InvalidOperationException($"The use number {i} was refused.");
        Assert.Equal(300, rate.UsedAt(tat, s_start));
        Assert.Null(rate.Use(tat, s_start));
        var next = rate.NextAt(tat!.Value);
        Assert.Equal(s_start + TimeSpan.FromSeconds(36), next);
        Assert.Null(rate.Use(tat, next.AddMilliseconds(-1)));
        tat = rate.Use(tat, next);
        Assert.NotNull(tat);
        Assert.Null(rate.Use(tat, next));
    }

    [Fact]
    public void After_a_whole_period_without_use_everything_is_earned_again()
    {
        var rate = new RateLimit(5, TimeSpan.FromDays(7), 5);
        DateTimeOffset? tat = null;
        for (var i = 0; i < 5; i++)
            tat = rate.Use(tat, s_start);
        Assert.Equal(0, rate.UsedAt(tat, s_start + TimeSpan.FromDays(7)));
        for (var i = 0; i < 5; i++)
            Assert.NotNull(tat = rate.Use(tat, s_start + TimeSpan.FromDays(7)));
        Assert.Null(rate.Use(tat, s_start + TimeSpan.FromDays(7)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void In_no_span_of_time_more_are_let_through_than_the_burst_and_what_is_earned_meanwhile(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 100; run++)
        {
            var count = random.Next(1, 50);
            var rate = new RateLimit(count, TimeSpan.FromMilliseconds(random.Next(count, 100_000)), random.Next(1, 2 * count));
            var let = new List<DateTimeOffset>();
            var (now, tat) = (s_start, (DateTimeOffset?)null);
            for (var i = 0; i < 300; i++)
            {
                now += TimeSpan.FromMilliseconds(random.Next(3) * random.NextDouble() * rate.Interval.TotalMilliseconds);
                // What NextAt tells is what happens, to the millisecond that both count in.
                var room = tat is null || DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()) >= rate.NextAt(tat.Value);
                var used = rate.Use(tat, now);
                Assert.Equal(room, used is not null);
                if (used is null)
                    continue;
                tat = used;
                let.Add(now);
                Assert.InRange(rate.UsedAt(tat, now), 1, rate.Burst);
            }
            for (var i = 0; i < let.Count; i++)
            {
                for (var j = i; j < let.Count; j++)
                    Assert.True(j - i + 1 <= rate.Burst + ((let[j] - let[i] + TimeSpan.FromMilliseconds(1)) / rate.Interval), $"{j - i + 1} within {let[j] - let[i]} of {rate}");
            }
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void A_steady_client_below_the_rate_is_never_refused(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 100; run++)
        {
            var count = random.Next(1, 1000);
            var rate = new RateLimit(count, TimeSpan.FromSeconds(random.Next(1 + (count / 1000), 100_000)), 1);
            var (now, tat) = (s_start, (DateTimeOffset?)null);
            for (var i = 0; i < 200; i++)
            {
                Assert.NotNull(tat = rate.Use(tat, now));
                now += rate.Interval;
            }
        }
    }

    [Fact]
    public void A_refusal_names_the_limit_how_much_and_when_and_whoever_comes_then_is_let_in()
    {
        var rate = new RateLimit(7, TimeSpan.FromHours(3), 7);
        var now = s_start.AddMilliseconds(123);
        DateTimeOffset? tat = null;
        for (var i = 0; i < 7; i++)
            tat = rate.Use(tat, now);
        var problem = RateLimited.By(new LimitUse(LimitKind.CertificatesPerDomain, "example.org", rate, "the domain example.org"), tat!.Value, now).Problem;
        Assert.Equal((ProblemType.RateLimited, 429), (problem.Type, problem.Status));
        Assert.Equal("The domain example.org has used up its limit of 7 certificates in 3 hours (certificatesPerDomain); try again after 2026-03-01T12:25:43Z.", problem.Detail);
        Assert.NotNull(rate.Use(tat, now + problem.RetryAfter!.Value));
        Assert.NotNull(rate.Use(tat, new DateTimeOffset(2026, 3, 1, 12, 25, 43, TimeSpan.Zero)));
        Assert.Null(rate.Use(tat, now + problem.RetryAfter!.Value - TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData(0, 1000, 1)]
    [InlineData(1, 1000, 0)]
    [InlineData(1001, 1000, 1)]
    public void A_rate_that_cannot_be_is_none(int count, int milliseconds, int burst) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimit(count, TimeSpan.FromMilliseconds(milliseconds), burst));
}
