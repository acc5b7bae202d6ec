using CaServer.Domain;

namespace CaServer.Tests;

public sealed class WireNameTests
{
    [Fact]
    public void Every_status_reads_back_from_its_wire_name()
    {
        foreach (var status in Enum.GetValues<OrderStatus>())
            Assert.Equal(status, WireName.Parse<OrderStatus>(WireName.Of(status)));
    }

    [Fact]
    public void A_name_in_another_case_is_not_a_wire_name() => Assert.False(WireName.TryParse<OrderStatus>("Ready", out _));
}
