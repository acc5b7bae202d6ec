using System.CommandLine;
using System.ComponentModel;
using System.Globalization;
using CaServer.Bench.Acme;
using CaServer.Bench.Load;
using CaServer.Bench.Reporting;
using CaServer.Bench.Servers;

namespace CaServer.Bench.Cli;

/// <summary><c>compare</c>: starts each server in turn, drives it with the same requests, stops it, and reports on all of them.</summary>
internal static class CompareCommand
{
    private const int RunInSlots = 8;
    private const int MaxSlots = 1024;

    public static Command Create()
    {
        var servers = new Option<string>("--servers") { Description = "Which servers, in this order", DefaultValueFactory = _ => "caserver,pebble,caddy" };
        var levels = Parsed.Option("--levels", "Orders in flight per level, as 1,8,32", Slots, [1, 8, 32]);
        var runIn = new Option<double>("--run-in")
        {
            Description = "Seconds of load with 8 slots before each server's first level, not reported (compilation, caches)",
            DefaultValueFactory = _ => 15,
        };
        var caserver = new Option<FileInfo?>("--caserver") { Description = "A published caserver; without it src/CaServer is published in Release first" };
        var work = new Option<DirectoryInfo?>("--work-directory")
        {
            Description = "Where the servers' data goes; on a real disk, or durable servers look faster than they are. Removed afterwards",
        };
        var command = new Command("compare", "Start, drive and compare CaServer, Pebble and Caddy") { servers, levels, runIn, caserver, work };
        var options = new LevelOptions(command);

        command.SetAction(async (parsed, ct) =>
        {
            ServerRecipe[] recipes = [.. parsed.GetValue(servers)!.Split(',').Select(name => ServerRecipe.Of(name.Trim(), parsed.GetValue(caserver)?.FullName))];
            LevelSettings[] settings =
            [
                LevelOptions.RunIn(RunInSlots, TimeSpan.FromSeconds(parsed.GetValue(runIn))),
                .. parsed.GetValue(levels)!.Select(slots => options.Settings(parsed, slots)),
            ];
            var directory = Path.Combine(parsed.GetValue(work)?.FullName ?? Path.GetTempPath(), $"caserver-bench-{Environment.ProcessId}");
            Directory.CreateDirectory(directory);
            try
            {
                foreach (var recipe in recipes)
                    await recipe.PrepareAsync(directory, ct);
                await Console.Error.WriteLineAsync("making keys and CSRs");
                var levelWork = settings.Select((level, index) => (level, options.Prepare(parsed, level, $"l{index}"))).ToArray();

                var cores = await Cores.PinClientAsync(ct);
                await using var stage = Stage.Open(directory, options.Suffix(parsed));
                var reports = new List<ServerReport>();
                foreach (var recipe in recipes)
                    reports.Add(await MeasureAsync(recipe, stage, levelWork, ct));

                var report = new BenchReport(TimeProvider.System.GetUtcNow(), Machine.Describe(directory), cores.Separate, options.ConnectionPerOrder(parsed), options.PollOrder(parsed), reports);
                return await Finish.WriteAsync(report, options.JsonFile(parsed), ct);
            }
            finally
            {
                Directory.Delete(directory, recursive: true);
            }
        });
        return command;
    }

    private static int[]? Slots(string text)
    {
        var parts = text.Split(',');
        int[] slots = [.. parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0).Where(n => n is > 0 and <= MaxSlots)];
        return slots.Length == parts.Length ? slots : null;
    }

    private static async Task<ServerReport> MeasureAsync(
        ServerRecipe recipe, Stage stage, (LevelSettings Settings, PreparedRequests Requests)[] work, CancellationToken ct)
    {
        var report = new ServerReport { Server = recipe.Name };
        var done = new List<LevelResult>();
        try
        {
            await Console.Error.WriteLineAsync($"{recipe.Name}: starting");
            var directory = Directory.CreateDirectory(Path.Combine(stage.Directory, recipe.Name)).FullName;
            await using var server = await recipe.StartAsync(stage, directory, ct);
            report = report with { Description = server.Description, ReadyMs = server.ReadyIn.TotalMilliseconds };
            using var check = new IssuedCheck(server.Target.IssuingRoots);
            foreach (var (settings, requests) in work)
            {
                await Console.Error.WriteLineAsync($"{recipe.Name}: {(settings.IsRunIn ? "run-in" : $"{settings.Concurrency} slots")}");
                var level = await new LevelRun(server.Target, settings, requests, stage.Http).RunAsync(check, ct);
                // A failure in the run-in is a failure: only its figures are of no use.
                if (!settings.IsRunIn || level.Failures > 0)
                    done.Add(level);
            }
        }
        catch (Exception e) when (e is AcmeFailure or HttpRequestException or IOException or Win32Exception
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            report = report with { Problem = e.Message };
        }
        return report with { Levels = done };
    }
}
