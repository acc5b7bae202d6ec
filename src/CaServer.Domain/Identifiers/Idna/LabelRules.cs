namespace CaServer.Domain;

/// <summary>What IDNA2008 asks of a U-label (RFC 5891 §4.2, RFC 5892 appendix A).</summary>
internal static class LabelRules
{
    private const int Hyphen = '-';

    /// <summary>What is wrong with a label, as a clause that follows the name; null if it may be used.</summary>
    public static string? Fault(IReadOnlyList<int> label)
    {
        for (var i = 0; i < label.Count; i++)
        {
            if (CodePoints.Find(label[i]) is not { } found)
                return $"has the code point U+{label[i]:X4}, which internationalised domain names cannot have (IDNA2008)";
            if (i == 0 && found.IsMark)
                return $"has a label that begins with a combining mark, U+{label[i]:X4}";
            if (found.Rule != CodePointRule.Valid && !MayStand(label, i))
                return $"has the code point U+{label[i]:X4} where internationalised domain names cannot have it (RFC 5892 appendix A)";
        }
        if (label[0] == Hyphen || label[^1] == Hyphen || label is [_, _, Hyphen, Hyphen, ..])
            return "has an internationalised label with a hyphen at its begin or end or in third and fourth place";
        return NormalForm.Compose(label).SequenceEqual(label) ? null : "has an internationalised label that is not in normalization form C";
    }

    private static bool MayStand(IReadOnlyList<int> label, int i) => label[i] switch
    {
        0x200C => FollowsVirama(label, i) || Joins(label, i),
        0x200D => FollowsVirama(label, i),
        0x00B7 => i > 0 && i + 1 < label.Count && label[i - 1] == 'l' && label[i + 1] == 'l',
        0x0375 => i + 1 < label.Count && Is(label[i + 1], "Grek"),
        0x05F3 or 0x05F4 => i > 0 && Is(label[i - 1], "Hebr"),
        0x30FB => label.Any(c => c != 0x30FB && (Is(c, "Hira") || Is(c, "Kana") || Is(c, "Hani"))),
        >= 0x0660 and <= 0x0669 => !label.Any(c => c is >= 0x06F0 and <= 0x06F9),
        >= 0x06F0 and <= 0x06F9 => !label.Any(c => c is >= 0x0660 and <= 0x0669),
        _ => false,
    };

    private static bool FollowsVirama(IReadOnlyList<int> label, int i) => i > 0 && CodePoints.Find(label[i - 1])?.CombiningClass == 9;

    // RFC 5892 A.1: between letters that join, transparent ones aside.
    private static bool Joins(IReadOnlyList<int> label, int i)
    {
        var (before, after) = (i - 1, i + 1);
        while (before >= 0 && Joining(label[before]) == 'T')
            before--;
        while (after < label.Count && Joining(label[after]) == 'T')
            after++;
        return before >= 0 && Joining(label[before]) is 'L' or 'D' && after < label.Count && Joining(label[after]) is 'R' or 'D';
    }

    private static char Joining(int codePoint) => CodePoints.Find(codePoint)?.Joining ?? 'U';

    private static bool Is(int codePoint, string script) => CodePoints.Find(codePoint)?.Scripts.Contains(script) == true;
}
