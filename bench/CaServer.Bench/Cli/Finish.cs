using CaServer.Bench.Reporting;

namespace CaServer.Bench.Cli;

/// <summary>The end of both commands: tables, JSON, exit code 0 only if every order gave the right certificate.</summary>
internal static class Finish
{
    public static async Task<int> WriteAsync(BenchReport report, string? jsonFile, CancellationToken ct)
    {
        Tables.Write(Console.Out, report);
        if (jsonFile is not null)
            await report.WriteJsonAsync(jsonFile, ct);
        return report.Clean ? 0 : 1;
    }
}
