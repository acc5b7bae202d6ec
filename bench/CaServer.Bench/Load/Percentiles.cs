namespace CaServer.Bench.Load;

/// <summary>Milliseconds, by nearest rank: p99 of fewer than 100 samples is their maximum.</summary>
internal sealed record Percentiles(int Count, double P50, double P99)
{
    public static Percentiles? Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? null : new Percentiles(sorted.Length, Rank(50), Rank(99));

        double Rank(int percent) => sorted[(int)Math.Ceiling(percent / 100.0 * sorted.Length) - 1];
    }
}
