using System.CommandLine;
using System.Text.Json;
using CaServer.Composition;

namespace CaServer.Cli;

/// <summary><c>caserver ceremony</c>: what needs the root's key, which the server never uses.</summary>
internal static class CeremonyCommand
{
    public static Command Create() => new("ceremony", "What needs the root's key. Bring its token back first, and take it away again afterwards.")
    {
        RootCrl(),
    };

    private static Command RootCrl()
    {
        var config = CommonOptions.Config();
        var json = CommonOptions.Json();
        var command = new Command("root-crl", "Sign the root's next CRL. Works while the server runs, which serves it at once.") { config, json };
        command.SetAction(async (parsed, ct) =>
        {
            var settings = CommonOptions.Load(parsed.GetValue(config));
            await using var database = await CommandDatabase.OpenAsync(settings, ct);
            var crl = await new RootCrlCeremony(settings, database, TimeProvider.System).RunAsync(ct);
            var result = new RootCrlResult(crl.Number, crl.ThisUpdate, crl.NextUpdate);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(result, CliJson.Default.RootCrlResult)
                : $"The root's CRL number {result.Number} is signed and stored; it is good until {result.NextUpdate:u}.");
            return (int)ExitCode.Ok;
        });
        return command;
    }
}

/// <summary>What <c>ceremony root-crl --json</c> prints.</summary>
internal sealed record RootCrlResult(long Number, DateTimeOffset ThisUpdate, DateTimeOffset NextUpdate);
