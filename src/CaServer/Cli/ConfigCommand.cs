using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Configuration;

namespace CaServer.Cli;

/// <summary><c>caserver config check</c>.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var config = CommonOptions.Config();
        var json = CommonOptions.Json();
        var check = new Command("check", "Say whether the configuration is usable, and everything that is wrong with it.") { config, json };
        check.SetAction(parsed => (int)Check(parsed.GetValue(config), parsed.GetValue(json)));
        return new Command("config", "Look at the configuration.") { check };
    }

    private static ExitCode Check(string? file, bool json)
    {
        if (!json)
        {
            var settings = CommonOptions.Load(file);
            Console.WriteLine(settings.File is null
                ? "The configuration is good (defaults and environment variables; there is no configuration file)."
                : $"The configuration is good ({settings.File}).");
            return ExitCode.Ok;
        }
        IReadOnlyList<ConfigurationFault> faults = [];
        try
        {
            file = CommonOptions.Load(file).File;
        }
        catch (ConfigurationException e)
        {
            faults = e.Faults;
        }
        var result = new ConfigCheckResult(faults.Count == 0, file, faults);
        Console.WriteLine(JsonSerializer.Serialize(result, CliJson.Default.ConfigCheckResult));
        return faults.Count == 0 ? ExitCode.Ok : ExitCode.OperatorFault;
    }
}

/// <summary>What <c>config check --json</c> prints.</summary>
internal sealed record ConfigCheckResult(bool Ok, string? File, IReadOnlyList<ConfigurationFault> Faults);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ConfigCheckResult))]
[JsonSerializable(typeof(InitResult))]
[JsonSerializable(typeof(RootCrlResult))]
[JsonSerializable(typeof(ValidateResult))]
internal sealed partial class CliJson : JsonSerializerContext;
