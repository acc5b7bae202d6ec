using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Conformance.Suite;

namespace CaServer.Conformance.Reporting;

/// <summary>The report for programs.</summary>
internal static partial class JsonReport
{
    public static string Of(SuiteReport report) => JsonSerializer.Serialize(
        new Document(
            report.Directory.AbsoluteUri,
            report.ExitCode,
            Enum.GetValues<Level>().ToDictionary(
                TextReport.Word,
                level => Enum.GetValues<Verdict>().ToDictionary(Word, verdict => report.Count(level, verdict))),
            [.. report.Sections.SelectMany(section => section.Results.Select(result => Entry(section.Title, result)))]),
        Context.Default.Document);

    public static string OfList(IEnumerable<Section> sections, Func<ConformanceCase, bool> wanted) => JsonSerializer.Serialize(
        [.. sections.SelectMany(section => section.Cases.Where(wanted).Select(item => new Listed(item.Clause, TextReport.Word(item.Level), section.Title, item.Sentence)))],
        Context.Default.ListedArray);

    private static CaseEntry Entry(string section, CaseResult result) => new(
        result.Case.Clause, TextReport.Word(result.Case.Level), section, result.Case.Sentence, Word(result.Verdict), result.Reason, result.Observed, result.Milliseconds);

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Passed => "passed",
        Verdict.Failed => "failed",
        Verdict.Skipped => "skipped",
        Verdict.Undecided => "undecided",
    };

    internal sealed record Document(string Directory, int ExitCode, Dictionary<string, Dictionary<string, int>> Counts, IReadOnlyList<CaseEntry> Cases);

    internal sealed record CaseEntry(
        string Clause, string Level, string Section, string Sentence, string Verdict, string? Reason, string? Observed, long Milliseconds);

    internal sealed record Listed(string Clause, string Level, string Section, string Sentence);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(Document))]
    [JsonSerializable(typeof(Listed[]))]
    private sealed partial class Context : JsonSerializerContext;
}
