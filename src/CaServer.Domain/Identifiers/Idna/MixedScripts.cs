namespace CaServer.Domain;

/// <summary>Labels that mix scripts as no language does, and so may be made to look like another (UTS #39 §5.2, highly restrictive).</summary>
internal static class MixedScripts
{
    private const string Latin = "Latn";

    // Writing systems that use several scripts (UTS #39 §5.1).
    private static readonly (string Script, string[] Systems)[] s_systems =
        [("Hani", ["Jpan", "Kore", "Hanb"]), ("Hira", ["Jpan"]), ("Kana", ["Jpan"]), ("Hang", ["Kore"]), ("Bopo", ["Hanb"])];

    /// <summary>The scripts of a label that mixes them; none if it does not.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<int> label)
    {
        // What all scripts share says nothing.
        var scripts = label.Select(c => CodePoints.Find(c)?.Scripts ?? []).Where(s => s is not ([] or ["Zyyy"] or ["Zinh"])).ToList();
        if (Common(scripts) is not { Count: 0 } || Common(scripts.Where(s => !s.Contains(Latin))) is { } rest && rest.Overlaps(["Jpan", "Kore", "Hanb"]))
            return [];
        return [.. scripts.Where(s => s.Length == 1).Select(s => s[0]).Distinct().Order(StringComparer.Ordinal)];
    }

    // The scripts and systems in which all of it can be written; null if it is empty, and any can.
    private static HashSet<string>? Common(IEnumerable<string[]> scripts)
    {
        HashSet<string>? common = null;
        foreach (var set in scripts)
        {
            var augmented = set.Concat(s_systems.Where(s => set.Contains(s.Script)).SelectMany(s => s.Systems));
            if (common is null)
                common = [.. augmented];
            else
                common.IntersectWith(augmented);
        }
        return common;
    }
}
