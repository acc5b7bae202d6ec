using CaServer.Bench.Servers;

namespace CaServer.Bench.Load;

/// <summary>One edge of the window: Stopwatch ticks, the CPU time this process and the whole machine had used, and the server's use of the machine.</summary>
internal sealed record LevelMark(long Ticks, TimeSpan ClientCpu, TimeSpan MachineCpu, ProcessUsage? Server);
