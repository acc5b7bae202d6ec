using System.Text.Json;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Conformance;

/// <summary>The conformance suite as anybody runs it: a program with arguments, an exit code and a report in JSON.</summary>
internal static class ConformanceSuite
{
    public static async Task<SuiteOutcome> RunAsync(Uri directory, string rootFile, params IEnumerable<string> options)
    {
        var result = await RunPlainAsync([directory.AbsoluteUri, "--root", rootFile, "--json", .. options]);
        try
        {
            return new SuiteOutcome(result.ExitCode, JsonElement.Parse(result.Output));
        }
        catch (JsonException)
        {
            Assert.Fail($"The suite did not report:\n{result.Output}");
            throw;
        }
    }

    public static Task<ProgramResult> RunPlainAsync(params IReadOnlyList<string> arguments) =>
        ExternalProgram.Find("CaServer.Conformance", ProgramDirectory()).RunAsync(arguments, cancellation: TestContext.Current.CancellationToken);

    // Of the same build as the tests: their output is …/tests/NAME/bin/CONFIGURATION/FRAMEWORK/.
    private static string ProgramDirectory()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Repository.Root, "tests", "CaServer.Conformance", "bin", output.Parent!.Name, output.Name);
    }
}

/// <summary>What a run of the suite came to.</summary>
internal sealed record SuiteOutcome(int ExitCode, JsonElement Report)
{
    /// <summary>Clauses of the cases of a level with a verdict, with the reason behind each.</summary>
    public IReadOnlyList<string> Cases(string verdict, params string[] levels) =>
        [.. Of(verdict, levels).Select(c => $"{c.GetProperty("clause").GetString()}: {Reason(c)}")];

    /// <summary>Clauses alone.</summary>
    public IReadOnlyList<string> Clauses(string verdict, params string[] levels) =>
        [.. Of(verdict, levels).Select(c => c.GetProperty("clause").GetString()!)];

    public int Count(string level, string verdict) => Report.GetProperty("counts").GetProperty(level).GetProperty(verdict).GetInt32();

    private IEnumerable<JsonElement> Of(string verdict, string[] levels) =>
        Report.GetProperty("cases").EnumerateArray()
            .Where(c => c.GetProperty("verdict").GetString() == verdict && levels.Contains(c.GetProperty("level").GetString()));

    private static string Reason(JsonElement item) => item.TryGetProperty("reason", out var reason) ? reason.GetString()! : "";
}
