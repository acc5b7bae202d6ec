using System.Text.RegularExpressions;

namespace CaServer.Conformance.Suite;

/// <summary>One thing that a clause asks of a server, and how to see whether it does.</summary>
/// <param name="Clause">Document, section and the suite's number within it, such as <c>RFC 8555 §7.3.5 (3)</c>; it never changes its meaning.</param>
/// <param name="Level">How strongly the text asks for it.</param>
/// <param name="Sentence">What a conforming server does.</param>
/// <param name="Check">Tries it; returns if the server does it and throws otherwise.</param>
internal sealed partial record ConformanceCase(string Clause, Level Level, string Sentence, Func<Trial, Task> Check)
{
    /// <summary>Whether the case judges what was seen in all others, and so comes last.</summary>
    public bool IsOverTraffic { get; private init; }

    public static ConformanceCase Must(string clause, string sentence, Func<Trial, Task> check) => new(clause, Level.Must, sentence, check);

    public static ConformanceCase Should(string clause, string sentence, Func<Trial, Task> check) => new(clause, Level.Should, sentence, check);

    public static ConformanceCase May(string clause, string sentence, Func<Trial, Task> check) => new(clause, Level.May, sentence, check);

    /// <summary>A case over everything that the other cases sent and received.</summary>
    public static ConformanceCase OverTraffic(Level level, string clause, string sentence, Action<Traffic> check) =>
        new(clause, level, sentence, t =>
        {
            check(t.Traffic);
            return Task.CompletedTask;
        })
        {
            IsOverTraffic = true,
        };

    /// <summary>Whether the clause is the one asked for, or lies within it: <c>RFC 8555 §7.3</c> has <c>RFC 8555 §7.3.5 (3)</c>; the document may be left out.</summary>
    public bool IsWithin(string wanted)
    {
        var (document, section, number) = Parts(Clause);
        var asked = Wanted().Match(wanted.Trim());
        return asked.Success
            && (!asked.Groups["document"].Success || document.Equals(asked.Groups["document"].Value.Trim(), StringComparison.OrdinalIgnoreCase))
            && (!asked.Groups["section"].Success || section == asked.Groups["section"].Value || section.StartsWith(asked.Groups["section"].Value + ".", StringComparison.Ordinal))
            && (!asked.Groups["number"].Success || number == asked.Groups["number"].Value);
    }

    /// <summary>Document, section and number of a clause.</summary>
    public static (string Document, string Section, string Number) Parts(string clause)
    {
        var match = ClauseForm().Match(clause);
        return match.Success
            ? (match.Groups["document"].Value, match.Groups["section"].Value, match.Groups["number"].Value)
            : throw new FormatException($"'{clause}' is not written as a clause.");
    }

    [GeneratedRegex(@"^(?<document>RFC \d+|draft-[a-z0-9-]+) §(?<section>\d+(\.\d+)*) \((?<number>\d+)\)$")]
    private static partial Regex ClauseForm();

    [GeneratedRegex(@"^(?<document>RFC \d+|draft-[a-z0-9-]+)?\s*(§?(?<section>\d+(\.\d+)*))?\s*(\((?<number>\d+)\))?$", RegexOptions.IgnoreCase)]
    private static partial Regex Wanted();
}

/// <summary>Cases about one part of the protocol.</summary>
/// <param name="Title">Heading in the report.</param>
/// <param name="Cases">In the order of the report.</param>
internal sealed record Section(string Title, params IReadOnlyList<ConformanceCase> Cases);

/// <summary>What came of one case.</summary>
/// <param name="Case">The case.</param>
/// <param name="Verdict">What came of it.</param>
/// <param name="Reason">Why it failed, was skipped or stayed undecided.</param>
/// <param name="Observed">The server's last answer.</param>
/// <param name="Milliseconds">How long it took.</param>
internal sealed record CaseResult(ConformanceCase Case, Verdict Verdict, string? Reason, string? Observed, long Milliseconds);
