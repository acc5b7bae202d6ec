using System.CommandLine;
using CaServer.Composition;
using CaServer.Configuration;

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
        var perspective = new Option<string?>("--perspective")
        {
            Description = "With --roles validator: be this perspective, which the process with Validation:Perspective asks through the database.",
            HelpName = "NAME",
        };
        var command = new Command("serve", "Start the server. The first start makes the CA.") { config, roles, perspective };
        command.SetAction(async (parsed, ct) => (int)await ServeAsync(parsed.GetValue(config), parsed.GetValue(roles), parsed.GetValue(perspective), ct));
        return command;
    }

    private static async Task<ExitCode> ServeAsync(string? file, Roles roles, string? perspective, CancellationToken ct)
    {
        if (roles == Roles.Status)
            StatusOnly.PrepareRuntime();
        var settings = CommonOptions.Load(file);
        var isRemote = perspective is not null && perspective != settings.Validation.Perspective;
        if (isRemote && roles != Roles.Validator)
            throw new OperatorFaultException("--perspective", $"names '{perspective}', and this process is '{settings.Validation.Perspective}' (Validation:Perspective); a perspective of its own runs with --roles validator alone", null);
        if (isRemote && !ValidationSettings.IsName(perspective!))
            throw new OperatorFaultException("--perspective", $"must be a name of 1 to 64 letters, digits, '-' or '_', not '{perspective}'", null);
        await ServerProcess.RunAsync(isRemote ? settings.WithPerspective(perspective!) : settings, roles, ct);
        return ExitCode.Ok;
    }
}
