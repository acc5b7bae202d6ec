using System.CommandLine;

namespace CaServer.Cli;

/// <summary>Options of commands that list what may be much.</summary>
internal static class PageOptions
{
    private const int DefaultCount = 100;
    private const int MaxCount = 10_000;

    /// <summary>How many entries to list.</summary>
    public static Option<int> Count() => new("--count")
    {
        Description = $"List at most so many. Default: {DefaultCount}.",
        HelpName = "N",
        DefaultValueFactory = _ => DefaultCount,
        CustomParser = result =>
        {
            if (!int.TryParse(result.Tokens.Single().Value, out var count) || count is < 1 or > MaxCount)
                result.AddError($"--count must be 1 to {MaxCount}");
            return count;
        },
    };

    /// <summary>Where to go on.</summary>
    public static Option<string?> After(string what, string helpName) => new("--after")
    {
        Description = $"Go on after {what}, which the list before ended with.",
        HelpName = helpName,
    };
}
