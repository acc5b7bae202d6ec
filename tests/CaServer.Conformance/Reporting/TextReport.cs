using CaServer.Conformance.Suite;

namespace CaServer.Conformance.Reporting;

/// <summary>The report for people.</summary>
internal static class TextReport
{
    public static void Write(TextWriter output, SuiteReport report)
    {
        output.WriteLine($"{report.Directory}");
        foreach (var (title, results) in report.Sections)
        {
            output.WriteLine();
            output.WriteLine(title);
            foreach (var result in results)
                Write(output, result);
        }
        output.WriteLine();
        foreach (var level in Enum.GetValues<Level>())
        {
            output.WriteLine(
                $"{Word(level),-6} {report.Count(level, Verdict.Passed)} {Word(Verdict.Passed, level)}, {report.Count(level, Verdict.Failed)} {Word(Verdict.Failed, level)}, "
                + $"{report.Count(level, Verdict.Skipped)} skipped, {report.Count(level, Verdict.Undecided)} undecided");
        }
        output.WriteLine(report.ExitCode switch
        {
            SuiteReport.Conforms => "Every MUST that applies holds.",
            SuiteReport.Fails => "The server does not conform: a MUST fails.",
            _ => "Undecided: not every MUST could be judged.",
        });
    }

    /// <summary>The catalogue, one case a line.</summary>
    public static void WriteList(TextWriter output, IEnumerable<ConformanceCase> cases)
    {
        foreach (var item in cases)
            output.WriteLine($"{Word(item.Level),-6} {item.Clause,-24} {item.Sentence}");
    }

    /// <summary>The word of RFC 2119.</summary>
    public static string Word(Level level) => level switch
    {
        Level.Must => "MUST",
        Level.Should => "SHOULD",
        Level.May => "MAY",
    };

    // What is optional is done or not done; nobody fails by it.
    public static string Word(Verdict verdict, Level level) => verdict switch
    {
        Verdict.Passed => level == Level.May ? "does" : "pass",
        Verdict.Failed => level == Level.May ? "does not" : "FAIL",
        Verdict.Skipped => "skip",
        Verdict.Undecided => "????",
    };

    private static void Write(TextWriter output, CaseResult result)
    {
        output.WriteLine($"  {Word(result.Verdict, result.Case.Level),-8} {Word(result.Case.Level),-6} {result.Case.Clause,-24} {result.Case.Sentence}");
        if ((result.Reason ?? Aside(result)) is { } line)
            output.WriteLine($"{"",-42}{line}");
    }

    private static string? Aside(CaseResult result) => result.Verdict == Verdict.Passed && result.Observed is { } observed ? observed : null;
}
