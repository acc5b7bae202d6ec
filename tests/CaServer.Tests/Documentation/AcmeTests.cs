using System.Text.RegularExpressions;
using CaServer.TestKit.Processes;

namespace CaServer.Tests.Documentation;

/// <summary>docs/acme.md: every section of RFC 8555 that asks something of a server, and only tests that there are.</summary>
public sealed partial class AcmeTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "acme.md"));

    private static readonly string[] s_sections =
    [
        "5", "6.1", "6.2", "6.3", "6.4", "6.5", "6.6", "6.7", "6.7.1",
        "7.1", "7.1.1", "7.1.2", "7.1.2.1", "7.1.3", "7.1.4", "7.1.5", "7.1.6",
        "7.2", "7.3", "7.3.1", "7.3.2", "7.3.3", "7.3.4", "7.3.5", "7.3.6",
        "7.4", "7.4.1", "7.4.2", "7.5", "7.5.1", "7.5.2", "7.6",
        "8", "8.1", "8.2", "8.3", "8.4", "9.1", "10.3", "10.4", "11.1", "11.3",
    ];

    [Fact]
    public void Every_section_that_asks_something_of_a_server_has_its_row_in_order() => Assert.Equal(
        s_sections, Row().Matches(Chapter("RFC 8555, ACME")).Select(row => row.Groups["section"].Value[1..]));

    [Fact]
    public void Every_row_says_what_is_done_and_names_tests_that_there_are()
    {
        var tests = Sources().SelectMany(TestsOf).ToHashSet(StringComparer.Ordinal);
        var missing = new List<string>();
        foreach (Match row in Row().Matches(s_page))
        {
            var named = TestName().Matches(row.Groups["tests"].Value).Select(m => m.Groups[1].Value).ToList();
            Assert.True(named.Count > 0, $"{row.Groups["section"]} names no test.");
            Assert.NotEqual("", row.Groups["what"].Value.Trim());
            missing.AddRange(named.Where(name => !tests.Contains(name)));
        }
        Assert.Empty(missing);
    }

    private static string Chapter(string heading) =>
        s_page.Split("\n## ").Single(chapter => chapter.StartsWith(heading + "\n", StringComparison.Ordinal));

    private static IEnumerable<string> Sources() =>
        ((string[])["CaServer.Tests", "CaServer.IntegrationTests"]).SelectMany(project =>
            Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", project), "*Tests.cs", SearchOption.AllDirectories));

    private static IEnumerable<string> TestsOf(string file)
    {
        var source = File.ReadAllText(file);
        var name = Class().Match(source).Groups[1].Value;
        return Test().Matches(source).Select(m => $"{name}.{m.Groups[1].Value}");
    }

    // | §7.4 | what | `Class.Method`, `Class.Method` |
    [GeneratedRegex(@"^\| (?<section>(?:RFC \d+ )?§[^|]*?) \| (?<what>[^|]*) \| (?<tests>[^|]*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+\.\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"^public sealed (?:partial )?class (\w+)", RegexOptions.Multiline)]
    private static partial Regex Class();

    // The attribute, other attributes, and the method.
    [GeneratedRegex(@"\[(?:Fact|Theory)\b[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*?[ \t]+public (?:async )?(?:Task|void) (\w+)\(")]
    private static partial Regex Test();
}
