using System.CommandLine;
using System.Text.Json;
using CaServer.Composition;

namespace CaServer.Cli;

/// <summary><c>caserver init</c>: everything that the first start of <c>serve</c> would make, without serving.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        var config = CommonOptions.Config();
        var json = CommonOptions.Json();
        var command = new Command("init", "Make what the first start of 'serve' would make: data directory, tokens, root and issuing CA, TLS certificate. Does nothing where they exist.") { config, json };
        command.SetAction(async (parsed, ct) => (int)await RunAsync(parsed.GetValue(config), parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<ExitCode> RunAsync(string? file, bool json, CancellationToken ct)
    {
        var settings = CommonOptions.Load(file);
        var log = LogSetup.Create(settings.Logging, toStandardError: json);
        await using var logScope = log.ConfigureAwait(false);
        var foundation = await Foundation.OpenAsync(settings, Roles.All, TimeProvider.System, log, ct);
        await foundation.DisposeAsync();
        var result = new InitResult(settings.Data.Root, settings.Data.RootCertificate);
        Console.WriteLine(json
            ? JsonSerializer.Serialize(result, CliJson.Default.InitResult)
            : $"Ready to serve. Data: {result.DataDirectory}. Root certificate: {result.RootCertificate}.");
        return ExitCode.Ok;
    }
}

/// <summary>What <c>init --json</c> prints.</summary>
internal sealed record InitResult(string DataDirectory, string RootCertificate);
