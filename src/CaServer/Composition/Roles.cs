using System.Diagnostics.CodeAnalysis;

namespace CaServer.Composition;

/// <summary>What a process does. On one machine: everything.</summary>
[Flags]
internal enum Roles
{
    None = 0,

    /// <summary>Answers ACME requests.</summary>
    Acme = 1,

    /// <summary>Checks control of names: a perspective.</summary>
    Validator = 2,

    /// <summary>Checks evidence and signs; talks to the HSM.</summary>
    Signer = 4,

    /// <summary>Serves CRLs and CA certificates.</summary>
    Status = 8,

    All = Acme | Validator | Signer | Status,
}

/// <summary>The roles' names on the command line.</summary>
internal static class RoleNames
{
    /// <summary>All names.</summary>
    public static IEnumerable<string> All => Enum.GetValues<Roles>().Where(r => r is not (Roles.None or Roles.All)).Select(r => r.ToString().ToLowerInvariant());

    /// <summary>Reads names with commas between them.</summary>
    public static bool TryParse(string text, out Roles roles, [NotNullWhen(false)] out string? fault)
    {
        roles = Roles.None;
        fault = null;
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (name == "portal")
                fault = "cannot include portal in this version, which has none";
            else if (!All.Contains(name) || !Enum.TryParse<Roles>(name, ignoreCase: true, out var role))
                fault = $"must list {string.Join(", ", All)}, not '{name}'";
            else
                roles |= role;
        }
        return fault is null;
    }
}
