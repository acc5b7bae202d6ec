using System.CommandLine;
using CaServer.Configuration;

namespace CaServer.Cli;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    public static Option<string?> Config() => new("--config")
    {
        Description = $"Configuration file. Default: {CaServerSettings.DefaultFile}, if it exists. Environment variables {EnvironmentOverrides.Prefix}Section__Key override it.",
        HelpName = "FILE",
    };

    public static Option<bool> Json() => new("--json") { Description = "Write the result as JSON." };

    /// <summary>Reads the configuration that the command line asks for.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static CaServerSettings Load(string? file) => CaServerSettings.Load(file, Environment.GetEnvironmentVariables());
}
