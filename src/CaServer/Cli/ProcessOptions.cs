using System.CommandLine;
using CaServer.Composition;
using CaServer.Configuration;

namespace CaServer.Cli;

/// <summary>Which process is meant: <c>--roles</c> and <c>--perspective</c>.</summary>
internal sealed class ProcessOptions
{
    /// <summary>What the process does.</summary>
    public Option<Roles> Roles { get; } = new("--roles")
    {
        Description = $"What the process does, with commas: {string.Join(", ", RoleNames.All)}. Default: all.",
        HelpName = "ROLE,...",
        DefaultValueFactory = _ => Composition.Roles.All,
        CustomParser = result =>
        {
            if (RoleNames.TryParse(result.Tokens.Single().Value, out var parsed, out var fault))
                return parsed;
            result.AddError($"--roles {fault}");
            return Composition.Roles.None;
        },
    };

    /// <summary>Which perspective the process is.</summary>
    public Option<string?> Perspective { get; } = new("--perspective")
    {
        Description = "With --roles validator: be this perspective, which the process with Validation:Perspective asks through the database.",
        HelpName = "NAME",
    };

    /// <summary>The settings as that process has them.</summary>
    /// <exception cref="OperatorFaultException">There can be no such process.</exception>
    public CaServerSettings Apply(CaServerSettings settings, ParseResult parsed)
    {
        var perspective = parsed.GetValue(Perspective);
        if (perspective is null || perspective == settings.Validation.Perspective)
            return settings;
        if (parsed.GetValue(Roles) != Composition.Roles.Validator)
            throw new OperatorFaultException("--perspective", $"names '{perspective}', and this process is '{settings.Validation.Perspective}' (Validation:Perspective); a perspective of its own runs with --roles validator alone", null);
        return ValidationSettings.IsName(perspective)
            ? settings.WithPerspective(perspective)
            : throw new OperatorFaultException("--perspective", $"must be a name of 1 to 64 letters, digits, '-' or '_', not '{perspective}'", null);
    }
}
