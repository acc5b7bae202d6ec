using System.CommandLine;
using CaServer.Composition;

namespace CaServer.Cli;

/// <summary><c>caserver serve</c>.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var config = CommonOptions.Config();
        var process = new ProcessOptions();
        var command = new Command("serve", "Start the server. The first start makes the CA.") { config, process.Roles, process.Perspective };
        command.SetAction(async (parsed, ct) => (int)await ServeAsync(parsed.GetValue(config), process, parsed, ct));
        return command;
    }

    private static async Task<ExitCode> ServeAsync(string? file, ProcessOptions process, ParseResult parsed, CancellationToken ct)
    {
        var roles = parsed.GetValue(process.Roles);
        if (roles == Roles.Status)
            StatusOnly.PrepareRuntime();
        await ServerProcess.RunAsync(process.Apply(CommonOptions.Load(file), parsed), roles, ct);
        return ExitCode.Ok;
    }
}
