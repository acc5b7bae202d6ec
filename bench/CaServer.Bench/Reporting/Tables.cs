using CaServer.Bench.Load;

namespace CaServer.Bench.Reporting;

/// <summary>The report for people: one line per server and level, then p50 / p99 of each step.</summary>
internal static class Tables
{
    private const double Disturbance = 0.15;

    public static void Write(TextWriter output, BenchReport report)
    {
        var machine = report.Machine;
        output.WriteLine($"{machine.Processor}, {machine.Cores} cores, {machine.MemoryGiB} GiB, {machine.FileSystem}; {machine.System}; {machine.Runtime}");
        output.WriteLine(report.Pinned ? "server on core 0, load generator on the others" : "server and load generator NOT pinned to different cores");
        output.WriteLine(report.ConnectionPerOrder ? "a new TLS connection for every order" : "one kept TLS connection per slot");
        if (report.PollOrder)
            output.WriteLine("every order polled after finalize");
        output.WriteLine();
        if (Rows(report).Any())
            WriteFigures(output, report);
        WriteRemarks(output, report);
    }

    private static void WriteFigures(TextWriter output, BenchReport report)
    {
        output.WriteLine("server    slots  orders/s  CPU ms/order  p50 ms  p99 ms  orders  failed  server CPU  client CPU  other CPU  peak MiB  disk KiB/order  requests/order  fetches/order");
        foreach (var (server, level) in Rows(report))
        {
            var total = level.Steps.GetValueOrDefault(OrderStep.Total);
            output.WriteLine(
                $"{server.Server,-9} {level.Concurrency,5} {level.OrdersPerSecond,9:0.0} {level.ServerCpuMsPerOrder,13:0.00} {total?.P50,7:0.0} {total?.P99,7:0.0}"
                + $" {level.Orders,7} {level.Failures,7} {level.ServerCpuShare,11:P0} {level.ClientCpuShare,11:P0} {level.OtherCores,10:P0} {level.PeakRssMiB,9:0.0} {level.DiskKiBPerOrder,15:0.0} {level.RequestsPerOrder,15:0.0} {level.FetchesPerOrder,14:0.0}");
        }
        output.WriteLine();

        var steps = Enum.GetValues<OrderStep>();
        output.WriteLine("p50 / p99, ms" + string.Concat(steps.Select(step => $"{step,18}")));
        foreach (var (server, level) in Rows(report))
            output.WriteLine($"{server.Server,-9}{level.Concurrency,4}" + string.Concat(steps.Select(step => $"{Cell(level, step),18}")));
        output.WriteLine();
    }

    private static void WriteRemarks(TextWriter output, BenchReport report)
    {
        if (Rows(report).Any(row => row.Level.OtherCores > Disturbance))
            output.WriteLine($"OTHER PROCESSES used more than {Disturbance:P0} of a core meanwhile: orders/s and latencies are lower bounds; CPU ms/order suffers less.");
        foreach (var server in report.Servers)
        {
            if (server.Description is not null)
                output.WriteLine($"{server.Server}: {server.Description}" + (server.ReadyMs is { } ready ? $"; ready {ready:0} ms after its first start" : ""));
            if (server.Problem is not null)
                output.WriteLine($"{server.Server}: NOT MEASURED{(server.Levels.Count > 0 ? " to the end" : "")}: {server.Problem}");
            foreach (var level in server.Levels.Where(l => l.BadNonces > 0))
                output.WriteLine($"{server.Server}, {level.Concurrency} slots: {level.BadNonces} nonces refused and sent again");
            foreach (var level in server.Levels)
            {
                foreach (var failure in level.FailureSamples)
                    output.WriteLine($"{server.Server}, {level.Concurrency} slots, failed: {failure}");
            }
        }
    }

    private static IEnumerable<(ServerReport Server, LevelResult Level)> Rows(BenchReport report) =>
        report.Servers.SelectMany(server => server.Levels.Select(level => (server, level)));

    private static string Cell(LevelResult level, OrderStep step) =>
        level.Steps.TryGetValue(step, out var p) ? $"{p.P50:0.0} / {p.P99:0.0}" : "-";
}
