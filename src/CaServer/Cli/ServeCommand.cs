using System.CommandLine;
using CaServer.Composition;

namespace CaServer.Cli;

/// <summary><c>caserver serve</c>.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var config = CommonOptions.Config();
        var roles = new Option<Roles>("--roles")
        {
            Description = $"What this process does, with commas: {string.Join(", ", RoleNames.All)}. Default: all.",
            HelpName = "ROLE,...",
            DefaultValueFactory = _ => Roles.All,
            CustomParser = result =>
            {
                if (RoleNames.TryParse(result.Tokens.Single().Value, out var parsed, out var fault))
                    return parsed;
                result.AddError($"--roles {fault}");
                return Roles.None;
            },
        };
        var command = new Command("serve", "Start the server. The first start makes the CA.") { config, roles };
        command.SetAction(async (parsed, ct) => (int)await ServeAsync(parsed.GetValue(config), parsed.GetValue(roles), ct));
        return command;
    }

    private static async Task<ExitCode> ServeAsync(string? file, Roles roles, CancellationToken ct)
    {
        if (roles == Roles.Status)
            StatusOnly.PrepareRuntime();
        await ServerProcess.RunAsync(CommonOptions.Load(file), roles, ct);
        return ExitCode.Ok;
    }
}
