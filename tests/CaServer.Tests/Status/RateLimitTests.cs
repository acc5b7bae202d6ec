using CaServer.Status;
using Microsoft.Extensions.Time.Testing;

namespace CaServer.Tests.Status;

public sealed class RateLimitTests
{
    [Fact]
    public void One_seconds_worth_may_be_spent_at_once_and_then_so_many_a_second()
    {
        var clock = new FakeTimeProvider();
        var limit = new RateLimit(10, clock);
        Assert.Equal(10, Take(limit, 30));
        clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(1, Take(limit, 5));
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(10, Take(limit, 30));
    }

    private static int Take(RateLimit limit, int tries) => Enumerable.Range(0, tries).Count(_ => limit.TryTake());
}
