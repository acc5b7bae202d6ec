using System.Text.RegularExpressions;
using CaServer.Configuration;
using CaServer.TestKit.Processes;

namespace CaServer.Tests.Configuration;

/// <summary>docs/configuration.md and the options classes say the same.</summary>
public sealed partial class ReferenceTests
{
    [Fact]
    public void The_reference_has_every_key_with_its_default_and_no_other()
    {
        var documented = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (Match row in Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"))))
            documented.Add(row.Groups["key"].Value, row.Groups["value"].Value);
        Assert.Equal(OptionsTable.Of(new CaServerOptions()), documented);
    }

    // | `Section:Key` | `default` | … |; the default's cell is empty where there is none.
    [GeneratedRegex(@"^\| `(?<key>\w+(:\w+)+)` \| (`(?<value>[^`]*)`)? ?\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
