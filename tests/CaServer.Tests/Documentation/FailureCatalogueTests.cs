using System.Text.RegularExpressions;
using CaServer.Domain;
using CaServer.TestKit.Processes;
using CaServer.Validation;

namespace CaServer.Tests.Documentation;

/// <summary>docs/validation.md has every cause of failure and no other, in the order in which they are declared.</summary>
public sealed partial class FailureCatalogueTests
{
    [Fact]
    public void The_page_has_every_cause_and_no_other() => Assert.Equal(
        WireName.All<FailureCause>(),
        Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "validation.md"))).Select(row => row.Groups[1].Value));

    [Fact]
    public void Every_cause_is_named_by_a_test_that_produces_it()
    {
        string[] folders = [Path.Combine("CaServer.Tests", "Validation"), Path.Combine("CaServer.IntegrationTests", "Dns")];
        var tests = folders
            .SelectMany(f => Directory.GetFiles(Path.Combine(Repository.Root, "tests", f), "*.cs"))
            .SelectMany(f => Named().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value))
            .ToHashSet(StringComparer.Ordinal);
        Assert.Empty(Enum.GetNames<FailureCause>().Except(tests, StringComparer.Ordinal));
    }

    [GeneratedRegex(@"\bFailureCause\.(\w+)")]
    private static partial Regex Named();

    [GeneratedRegex(@"^\| `([a-z0-9-]+)` \| [A-Z].*\. \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
