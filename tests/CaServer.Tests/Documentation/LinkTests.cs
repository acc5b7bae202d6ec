using System.Text.RegularExpressions;
using CaServer.TestKit.Processes;

namespace CaServer.Tests.Documentation;

/// <summary>The pages for people: what they point to is there.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Pages =>
        [.. Directory.EnumerateFiles(Repository.Root, "*.md", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden })
            .Select(page => Path.GetRelativePath(Repository.Root, page))
            // What test.sh brings along there has pages of its own.
            .Where(page => !page.StartsWith("artifacts" + Path.DirectorySeparatorChar, StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_relative_link_of_a_page_leads_somewhere(string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
        var dead = Link().Matches(File.ReadAllText(Path.Combine(Repository.Root, page)))
            .Select(link => link.Groups[1].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(folder, target)));
        Assert.Empty(dead);
    }

    [GeneratedRegex(@"\]\(([^)#\s]+)[^)]*\)")]
    private static partial Regex Link();
}
