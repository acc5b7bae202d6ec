using System.Text.RegularExpressions;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Zoo;

/// <summary>
/// <c>docs/clients.md</c>: for each client one section with its commands. A line <c># title</c> begins a step; what stands under
/// <c># set up</c> goes before each of them.
/// </summary>
internal static partial class ClientPage
{
    private const string SetUp = "set up";
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "clients.md"));

    /// <summary>The clients, in the page's order.</summary>
    public static IReadOnlyList<string> Clients { get; } = [.. SectionHeading().Matches(Text).Select(heading => heading.Groups["client"].Value)];

    /// <summary>The variables that the page tells the reader to set.</summary>
    public static IReadOnlyList<string> Variables { get; } =
        [.. Assignment().Matches(FencedBlock().Match(Text).Value).Select(assignment => assignment.Groups["name"].Value)];

    /// <summary>The cells of the table: whether a client does what the column is about.</summary>
    public static IEnumerable<(string Client, string Column, bool Does)> Table()
    {
        var rows = TableRow().Matches(Text).Select(row => row.Value.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries)).ToList();
        return rows.Skip(2).SelectMany(row => rows[0].Zip(row).Skip(1).Select(cell => (row[0], cell.First, cell.Second.StartsWith("yes", StringComparison.Ordinal))));
    }

    /// <summary>The titles of a client's steps, without the set-up.</summary>
    public static IEnumerable<string> Steps(string client) => Scripts(client).Keys.Where(title => title != SetUp);

    /// <summary>The shell script of a step.</summary>
    public static string Script(string client, string step)
    {
        var scripts = Scripts(client);
        return scripts.GetValueOrDefault(SetUp, "")
            + (scripts.TryGetValue(step, out var script) ? script : throw new ArgumentException($"The page has no step '{step}' for {client}."));
    }

    private static Dictionary<string, string> Scripts(string client)
    {
        var section = SectionHeading().Split(Text).Skip(1).Chunk(2).Single(section => section[0] == client)[1];
        var shell = string.Concat(FencedBlock().Matches(section).Where(block => block.Groups["kind"].Value == "sh").Select(block => block.Groups["text"].Value));
        return StepTitle().Split(shell).Skip(1).Chunk(2).ToDictionary(step => step[0], step => step[1]);
    }

    [GeneratedRegex(@"^## (?<client>.+)\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex SectionHeading();

    [GeneratedRegex(@"^```(?<kind>\w*)\n(?<text>.*?)^```\n", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex FencedBlock();

    [GeneratedRegex(@"^# (?<title>.+)\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex StepTitle();

    [GeneratedRegex(@"(^| )(?<name>[A-Z_]+)=", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^\|.*\|$", RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
