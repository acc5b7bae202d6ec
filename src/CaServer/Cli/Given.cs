using System.CommandLine;
using System.CommandLine.Parsing;

namespace CaServer.Cli;

/// <summary>For rules about options that go together.</summary>
internal static class Given
{
    /// <summary>Whether an option stands on the command line, with a value that can be read or not: a bad one is told by the option itself.</summary>
    public static bool Has(this CommandResult command, Option option) => command.GetResult(option) is { Implicit: false };
}
