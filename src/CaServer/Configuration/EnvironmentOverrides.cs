using System.Collections;

namespace CaServer.Configuration;

/// <summary>Lays environment variables <c>CASERVER_Section__Key</c> (lists: <c>__0</c>, <c>__1</c>) over a configuration file.</summary>
internal static class EnvironmentOverrides
{
    /// <summary>Every variable with this prefix is a setting; one that names no key is a fault, as in the file.</summary>
    public const string Prefix = "CASERVER_";

    /// <summary>
    /// Puts the variables in place of what the file says. A list is replaced as a whole: its first items are not mixed with later
    /// ones of the file.
    /// </summary>
    public static void Apply(SettingNode root, IDictionary environment, List<ConfigurationFault> faults)
    {
        var variables = environment.Keys.Cast<string>()
            .Where(name => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && name.Length > Prefix.Length)
            .Order(StringComparer.Ordinal);
        foreach (var name in variables)
            Put(root, name, (string?)environment[name] ?? "", faults);
    }

    private static void Put(SettingNode root, string variable, string text, List<ConfigurationFault> faults)
    {
        var path = variable[Prefix.Length..].Split("__");
        var section = root;
        foreach (var step in path[..^1])
        {
            if (!section.Members.TryGetValue(step, out var next) || next.Kind != SettingKind.Section)
            {
                if (next?.Kind == SettingKind.Untyped)
                    faults.Add(new ConfigurationFault(string.Join(':', path), $"is set although {next.Origin} gives the whole of '{step}' a value; remove one", variable));
                next = new SettingNode(SettingKind.Section, variable);
                section.Members[step] = next;
            }
            section = next;
        }
        section.Members[path[^1]] = new SettingNode(SettingKind.Untyped, variable, text);
    }
}
