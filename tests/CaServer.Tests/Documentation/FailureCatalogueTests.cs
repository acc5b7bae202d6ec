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

    [GeneratedRegex(@"^\| `([a-z0-9-]+)` \| [A-Z].*\. \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
