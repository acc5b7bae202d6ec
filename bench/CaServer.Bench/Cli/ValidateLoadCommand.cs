using System.CommandLine;
using System.Globalization;
using CaServer.Bench.Load;
using CaServer.Bench.Reporting;
using CaServer.Bench.Servers;

namespace CaServer.Bench.Cli;

/// <summary><c>validate-load</c>: starts CaServer, has it check very many slow web servers at once, and measures how it does meanwhile.</summary>
internal static class ValidateLoadCommand
{
    private const string Suffix = "bench.test";

    public static Command Create()
    {
        var checks = new Option<int>("--checks") { Description = "Checks under way at the same time", DefaultValueFactory = _ => 1000 };
        var hung = new Option<int>("--hung") { Description = "How many of them are of web servers that never answer", DefaultValueFactory = _ => 100 };
        var rate = new Option<int>("--rate") { Description = "Challenges answered in a second until all are under way", DefaultValueFactory = _ => 125 };
        var hold = new Option<double>("--hold") { Description = "Seconds for which all are kept under way", DefaultValueFactory = _ => 5 };
        var drip = new Option<double>("--drip") { Description = "Seconds that the slowest answer then takes", DefaultValueFactory = _ => 5 };
        var limit = new Option<double>("--limit") { Description = "What p99 of newNonce may be, in ms, for exit code 0", DefaultValueFactory = _ => 50 };
        var caserver = new Option<FileInfo?>("--caserver") { Description = "A published caserver; without it src/CaServer is published in Release first" };
        var work = new Option<DirectoryInfo?>("--work-directory") { Description = "Where the server's data goes. Removed afterwards" };
        var command = new Command("validate-load", "Very many checks of slow web servers at once: memory, threads, and nonces meanwhile") { checks, hung, rate, hold, drip, limit, caserver, work };
        command.SetAction(async (parsed, ct) =>
        {
            var plan = new ValidationPlan(
                parsed.GetValue(checks), parsed.GetValue(hung), parsed.GetValue(rate), TimeSpan.FromSeconds(parsed.GetValue(hold)), TimeSpan.FromSeconds(parsed.GetValue(drip)));
            // One attempt, and as long as a check may take at most: what hangs is to be under way until the others have ended.
            var recipe = new CaServerRecipe(parsed.GetValue(caserver)?.FullName, new Dictionary<string, string>
            {
                ["Validation__Attempts"] = "1",
                ["Validation__Timeout"] = "25s",
                ["Validation__MaxConcurrent"] = plan.Checks.ToString(CultureInfo.InvariantCulture),
            });
            var directory = Path.Combine(parsed.GetValue(work)?.FullName ?? Path.GetTempPath(), $"caserver-bench-{Environment.ProcessId}");
            Directory.CreateDirectory(directory);
            try
            {
                await recipe.PrepareAsync(directory, ct);
                var cores = await Cores.PinClientAsync(ct);
                await using var stage = Stage.Open(directory, Suffix);
                await using var server = await recipe.StartAsync(stage, Directory.CreateDirectory(Path.Combine(directory, "caserver")).FullName, ct);
                return await MeasureAsync(server, stage, plan, cores, parsed.GetValue(limit), ct);
            }
            finally
            {
                Directory.Delete(directory, recursive: true);
            }
        });
        return command;
    }

    private static async Task<int> MeasureAsync(RunningServer server, Stage stage, ValidationPlan plan, Cores cores, double limit, CancellationToken ct)
    {
        // The same in small, so that compilation is over.
        var (warmUp, quick) = (plan with { Checks = Math.Min(200, plan.Checks), Hung = 0, PerSecond = 50, Hold = TimeSpan.Zero, Drip = TimeSpan.FromSeconds(1) }, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        await Console.Error.WriteLineAsync("warming up");
        await new ValidationRun(server.Target, warmUp, stage.Http, $"w{quick:x}", Suffix).RunAsync(_ => { }, ct);
        var (before, idle) = (server.Process.Usage(), ProcessUsage.Now(server.Process.Id));

        await Console.Error.WriteLineAsync($"{plan.Checks} checks");
        var acme = await DirectoryAsync(server, ct);
        await using var probe = new NonceProbe(server.Target.Trust, acme.NewNonce, server.Process.Id);
        var tally = await new ValidationRun(server.Target, plan, stage.Http, $"m{quick:x}", Suffix).RunAsync(phase => probe.Phase = phase, ct);
        await probe.StopAsync();
        var cpu = server.Process.Usage().Cpu - before.Cpu;

        var machine = Machine.Describe(stage.Directory);
        Console.WriteLine($"{machine.Processor}, {machine.Cores} cores{(cores.Separate ? ": server on core 0, the rest on the others" : "")}; {machine.FileSystem}; {machine.Runtime}");
        Line("under way at once", $"{tally.InFlight} of {plan.Checks}");
        Line("ended", $"{tally.Valid} valid, {tally.TimedOut} timed out as they should of {plan.Hung}, {tally.Wrong.Count} otherwise");
        foreach (var (name, phase) in new (string, int?)[] { ("orders placed", 0), ("checks begin", ValidationRun.Beginning), ("all under way", ValidationRun.Holding), ("checks end", ValidationRun.Ending), ("all of it", null) })
        {
            if (probe.Latencies(phase) is { } p)
                Line($"newNonce, {name}", $"p50 {p.P50:0.0} ms, p99 {p.P99:0.0} ms ({p.Count} requests)");
        }
        Line("newNonce failed", $"{probe.Failures}");
        Line("memory", $"{Mib(idle.RssBytes)} MiB before, {Mib(probe.MostRssBytes)} MiB at most");
        Line("threads", $"{idle.Threads} before, {probe.MostThreads} at most");
        Line("server CPU", $"{cpu.TotalMilliseconds / plan.Checks:0.0} ms per order and check, nonces included");
        foreach (var wrong in tally.Wrong.Distinct().Take(3))
            Line("wrong", wrong);
        var isGood = tally.InFlight >= plan.Checks && tally.Wrong.Count == 0 && probe.Failures == 0 && probe.Latencies(null)?.P99 < limit;
        return isGood ? 0 : 1;
    }

    private static async Task<Acme.AcmeDirectory> DirectoryAsync(RunningServer server, CancellationToken ct)
    {
        using var http = server.Target.Trust.CreateClient(connections: 1);
        return await Acme.AcmeDirectory.FetchAsync(http, server.Target.Directory, ct);
    }

    private static long Mib(long bytes) => bytes >> 20;

    private static void Line(string label, string value) => Console.WriteLine($"{label + ":",-26}{value}");
}
