using CaServer.Conformance.Cases;
using CaServer.Conformance.Suite;

namespace CaServer.Conformance.Reporting;

/// <summary>What came of a run.</summary>
/// <param name="Directory">The server's directory.</param>
/// <param name="Results">In the order of the catalogue.</param>
internal sealed record SuiteReport(Uri Directory, IReadOnlyList<CaseResult> Results)
{
    /// <summary>Every MUST that was judged holds.</summary>
    public const int Conforms = 0;

    /// <summary>A MUST fails.</summary>
    public const int Fails = 1;

    /// <summary>No MUST fails, but one could not be judged; or the run could not begin.</summary>
    public const int IsUndecided = 2;

    /// <summary>The program's exit code.</summary>
    public int ExitCode =>
        Count(Level.Must, Verdict.Failed) > 0 ? Fails
        : Count(Level.Must, Verdict.Undecided) > 0 ? IsUndecided
        : Conforms;

    public int Count(Level level, Verdict verdict) => Results.Count(result => result.Case.Level == level && result.Verdict == verdict);

    /// <summary>The results under the catalogue's headings.</summary>
    public IEnumerable<(string Title, IReadOnlyList<CaseResult> Results)> Sections =>
        Catalogue.Sections
            .Select(section => (section.Title, (IReadOnlyList<CaseResult>)[.. Results.Where(result => section.Cases.Contains(result.Case, ReferenceEqualityComparer.Instance))]))
            .Where(section => section.Item2.Count > 0);
}
