using System.Text;

namespace CaServer.Domain;

/// <summary>Internationalised domain names: the checks of IDNA2008 (RFC 5890 to 5893) that a name needs besides being well formed.</summary>
public static class InternationalName
{
    internal const string Prefix = "xn--";

    /// <summary>Why a name with A-labels may not be used, as a clause that follows it; null if it may, or has none.</summary>
    public static string? Refusal(Identifier identifier)
    {
        if (Decode(identifier) is not { } labels)
            return null;
        var name = identifier.Value.Split('.');
        for (var i = 0; i < labels.Count; i++)
        {
            if (name[i].StartsWith(Prefix, StringComparison.Ordinal) && LabelRules.Fault(labels[i]) is { } fault)
                return fault;
        }
        return labels.Any(BidiRule.IsRightToLeft) && !labels.All(BidiRule.Permits)
            ? "has text from right to left, and a label that cannot stand in such a name (RFC 5893)"
            : null;
    }

    /// <summary>The labels of a name that mix scripts, each with those; none is the rule.</summary>
    public static IReadOnlyList<(string Label, IReadOnlyList<string> Scripts)> MixedLabels(Identifier identifier) =>
        Decode(identifier) is not { } labels
            ? []
            : [.. identifier.Value.Split('.').Zip(labels, (name, label) => (name, MixedScripts.Of(label))).Where(l => l.Item2.Count > 1)];

    /// <summary>The name with A-labels for its U-labels, as a client must send it; null if it has none, with what is wrong then.</summary>
    internal static (string? ALabels, string? Fault) Encode(string name)
    {
        var labels = new List<string>();
        foreach (var text in name.Split('.'))
        {
            if (Ascii.IsValid(text))
            {
                labels.Add(text.ToLowerInvariant());
                continue;
            }
            var label = NormalForm.Compose([.. text.ToLowerInvariant().EnumerateRunes().Select(r => r.Value)]);
            if (LabelRules.Fault(label) is { } fault)
                return (null, fault);
            labels.Add(Prefix + Punycode.Encode(label));
        }
        return (string.Join('.', labels), null);
    }

    /// <summary>The code points of a label's U-label, lower case; null if it is no A-label.</summary>
    internal static int[]? Decode(string label) =>
        Punycode.TryDecode(label[Prefix.Length..], out var codePoints) && codePoints.Any(c => c > 0x7f) && Prefix + Punycode.Encode(codePoints) == label ? codePoints : null;

    // Null for the many names that have no A-label: nothing is read for them.
    private static List<int[]>? Decode(Identifier identifier) =>
        identifier.Type != IdentifierType.Dns || !identifier.Value.Contains(Prefix, StringComparison.Ordinal)
            ? null
            : [.. identifier.Value.Split('.').Select(l => (l.StartsWith(Prefix, StringComparison.Ordinal) ? Decode(l) : null) ?? [.. l.Select(c => (int)c)])];
}
