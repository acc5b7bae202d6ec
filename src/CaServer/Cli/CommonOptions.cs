using System.CommandLine;
using CaServer.Configuration;

namespace CaServer.Cli;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    private const int MaxNoteLength = 200;

    public static Option<string?> Config() => new("--config")
    {
        Description = $"Configuration file. Default: {CaServerSettings.DefaultFile}, if it exists. Environment variables {EnvironmentOverrides.Prefix}Section__Key override it.",
        HelpName = "FILE",
    };

    public static Option<bool> Json() => new("--json") { Description = "Write the result as JSON." };

    /// <summary>A remark of the operator's, one line.</summary>
    public static Option<string?> Note(string description)
    {
        var note = new Option<string?>("--note") { Description = description, HelpName = "TEXT" };
        note.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && (text.Length > MaxNoteLength || text.Any(char.IsControl)))
                result.AddError($"--note must be one line of at most {MaxNoteLength} characters");
        });
        return note;
    }

    /// <summary>Reads the configuration that the command line asks for.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static CaServerSettings Load(string? file) => CaServerSettings.Load(file, Environment.GetEnvironmentVariables());
}
