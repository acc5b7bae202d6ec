using System.Diagnostics;
using CaServer.Bench.Acme;

namespace CaServer.Bench.Load;

/// <summary>What one level showed; <c>bench/README.md</c> explains each figure. Server figures are null when the server's process is not ours to read.</summary>
internal sealed record LevelResult
{
    private const int FailuresShown = 3;

    public required int Concurrency { get; init; }

    public required double WindowSeconds { get; init; }

    /// <summary>Orders that ended in the window with a certificate that passed every check.</summary>
    public required int Orders { get; init; }

    public required int Failures { get; init; }

    public required IReadOnlyList<string> FailureSamples { get; init; }

    public required double OrdersPerSecond { get; init; }

    public required double? ServerCpuMsPerOrder { get; init; }

    /// <summary>Share of one core, 0 to 1 when the server is pinned to one.</summary>
    public required double? ServerCpuShare { get; init; }

    public required double ClientCpuShare { get; init; }

    /// <summary>Cores that neither the server nor this process used but something else did; null when the server's share is unknown.</summary>
    public required double? OtherCores { get; init; }

    public required double? PeakRssMiB { get; init; }

    public required double? DiskKiBPerOrder { get; init; }

    public required double RequestsPerOrder { get; init; }

    /// <summary>http-01 requests that our responder answered per order: 0 would mean that the server did not validate.</summary>
    public required double FetchesPerOrder { get; init; }

    public required int BadNonces { get; init; }

    /// <summary>Mean of the level's newAccount requests, made one after the other before the clock.</summary>
    public required double NewAccountMs { get; init; }

    public required IReadOnlyDictionary<OrderStep, Percentiles> Steps { get; init; }

    public static LevelResult From(
        LevelSettings settings, OrderSample[] samples, LevelMark start, LevelMark end, double newAccountMs, int fetches, IssuedCheck check, DateTimeOffset now)
    {
        // Certificates of the warm-up and the drain are checked as well: a wrong one counts wherever it was issued.
        foreach (var sample in samples)
        {
            if (sample.Chain is { } chain && check.Fault(sample.Request, chain, now) is { } fault)
                sample.Failure = $"WRONG CERTIFICATE for {sample.Request.Name}: {fault}";
        }
        OrderSample[] failed = [.. samples.Where(s => s.Failure is not null)];
        OrderSample[] counted = [.. samples.Where(s => s.Failure is null && s.Ended >= start.Ticks && s.Ended <= end.Ticks)];
        var seconds = Stopwatch.GetElapsedTime(start.Ticks, end.Ticks).TotalSeconds;
        var cpu = end.Server?.Cpu - start.Server?.Cpu;
        return new LevelResult
        {
            Concurrency = settings.Concurrency,
            WindowSeconds = seconds,
            Orders = counted.Length,
            Failures = failed.Length,
            FailureSamples = [.. failed.Select(s => s.Failure!).Distinct().Take(FailuresShown)],
            OrdersPerSecond = counted.Length / seconds,
            ServerCpuMsPerOrder = PerOrder(cpu?.TotalMilliseconds),
            ServerCpuShare = cpu?.TotalSeconds / seconds,
            ClientCpuShare = (end.ClientCpu - start.ClientCpu).TotalSeconds / seconds,
            OtherCores = cpu is { } server ? Math.Max(0, (end.MachineCpu - start.MachineCpu - (end.ClientCpu - start.ClientCpu) - server).TotalSeconds / seconds) : null,
            PeakRssMiB = end.Server?.PeakRssBytes / 1048576.0,
            DiskKiBPerOrder = PerOrder((end.Server?.WrittenBytes - start.Server?.WrittenBytes) / 1024.0),
            RequestsPerOrder = counted.Length == 0 ? 0 : counted.Average(s => s.Requests),
            FetchesPerOrder = samples.Length == 0 ? 0 : (double)fetches / samples.Length,
            BadNonces = samples.Sum(s => s.BadNonces),
            NewAccountMs = newAccountMs,
            Steps = Enum.GetValues<OrderStep>()
                .Select(step => (step, Percentiles: Percentiles.Of(counted.Select(s => s[step]).OfType<double>())))
                .Where(pair => pair.Percentiles is not null)
                .ToDictionary(pair => pair.step, pair => pair.Percentiles!),
        };

        double? PerOrder(double? total) => counted.Length == 0 ? null : total / counted.Length;
    }
}
