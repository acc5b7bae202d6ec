using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Composition;
using CaServer.Configuration;

namespace CaServer.Cli;

/// <summary><c>caserver config check</c>.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var config = CommonOptions.Config();
        var process = new ProcessOptions();
        var json = CommonOptions.Json();
        var check = new Command("check", "Say whether a process can start with the configuration, and everything that is wrong with it.") { config, process.Roles, process.Perspective, json };
        check.SetAction(parsed =>
        {
            var (file, roles) = (parsed.GetValue(config), parsed.GetValue(process.Roles));
            return (int)(parsed.GetValue(json) ? Tell(file, Judge) : Say(Judge));

            // As a start does, up to where it would open or make something.
            (CaServerSettings, IReadOnlyList<string>) Judge()
            {
                var (settings, now) = (process.Apply(CommonOptions.Load(file), parsed), TimeProvider.System.GetUtcNow());
                StartFaults.RequireNone(settings, roles, now);
                return (settings, Quorum.WarningOf(settings, roles, now) is { } warning ? [warning] : []);
            }
        });
        return new Command("config", "Look at the configuration.") { check };
    }

    private static ExitCode Say(Func<(CaServerSettings, IReadOnlyList<string>)> judge)
    {
        var (settings, warnings) = judge();
        Console.WriteLine(settings.File is null
            ? "The configuration is good (defaults and environment variables; there is no configuration file)."
            : $"The configuration is good ({settings.File}).");
        foreach (var warning in warnings)
            Console.WriteLine($"Warning: {warning}.");
        return ExitCode.Ok;
    }

    private static ExitCode Tell(string? file, Func<(CaServerSettings, IReadOnlyList<string>)> judge)
    {
        ConfigCheckResult result;
        try
        {
            var (settings, warnings) = judge();
            result = new ConfigCheckResult(true, settings.File, [], warnings);
        }
        catch (ConfigurationException e)
        {
            result = new ConfigCheckResult(false, file, e.Faults, []);
        }
        Console.WriteLine(JsonSerializer.Serialize(result, CliJson.Default.ConfigCheckResult));
        return result.Ok ? ExitCode.Ok : ExitCode.OperatorFault;
    }
}

/// <summary>What <c>config check --json</c> prints.</summary>
internal sealed record ConfigCheckResult(bool Ok, string? File, IReadOnlyList<ConfigurationFault> Faults, IReadOnlyList<string> Warnings);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ConfigCheckResult))]
[JsonSerializable(typeof(InitResult))]
[JsonSerializable(typeof(RootCrlResult))]
[JsonSerializable(typeof(ValidateResult))]
internal sealed partial class CliJson : JsonSerializerContext;
