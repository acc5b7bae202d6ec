using CaServer.Bench.Servers;

namespace CaServer.Tests.Bench;

public sealed class ProcessUsageTests
{
    [Fact]
    public void A_living_process_has_used_time_and_memory()
    {
        var usage = ProcessUsage.Read(Environment.ProcessId);
        Assert.True(usage.Cpu > TimeSpan.Zero);
        Assert.True(usage.PeakRssBytes > 1 << 20);
        Assert.True(ProcessUsage.MachineCpu() > usage.Cpu);
    }

    [Fact]
    public void A_process_that_is_gone_is_an_error() => Assert.Throws<IOException>(() => ProcessUsage.Read(int.MaxValue));
}
