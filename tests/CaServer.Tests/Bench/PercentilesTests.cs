using CaServer.Bench.Load;

namespace CaServer.Tests.Bench;

public sealed class PercentilesTests
{
    [Fact]
    public void They_are_taken_by_nearest_rank() =>
        Assert.Equal(new Percentiles(200, 100, 198), Percentiles.Of(Enumerable.Range(1, 200).Reverse().Select(i => (double)i)));

    [Fact]
    public void The_99th_of_few_is_the_largest() => Assert.Equal(new Percentiles(3, 2, 9), Percentiles.Of([9.0, 1.0, 2.0]));

    [Fact]
    public void Nothing_has_none() => Assert.Null(Percentiles.Of([]));
}
