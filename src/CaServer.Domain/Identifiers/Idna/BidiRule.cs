namespace CaServer.Domain;

/// <summary>The rule for names with text from right to left (RFC 5893 §2).</summary>
internal static class BidiRule
{
    /// <summary>Whether a label makes its name one that the rule is for.</summary>
    public static bool IsRightToLeft(IReadOnlyList<int> label) => label.Any(c => Class(c) is "R" or "AL" or "AN");

    /// <summary>Whether a label may stand in such a name.</summary>
    public static bool Permits(IReadOnlyList<int> label)
    {
        var classes = label.Select(Class).ToList();
        var end = classes.FindLast(c => c != "NSM");
        return classes[0] switch
        {
            "R" or "AL" => classes.All(c => c is "R" or "AL" or "AN" or "EN" or "ES" or "CS" or "ET" or "ON" or "BN" or "NSM")
                && end is "R" or "AL" or "EN" or "AN"
                && !(classes.Contains("EN") && classes.Contains("AN")),
            "L" => classes.All(c => c is "L" or "EN" or "ES" or "CS" or "ET" or "ON" or "BN" or "NSM") && end is "L" or "EN",
            _ => false,
        };
    }

    private static string Class(int codePoint) => CodePoints.Find(codePoint)?.Bidi ?? "L";
}
