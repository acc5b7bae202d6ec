using System.Globalization;

namespace CaServer.Domain;

/// <summary>What IDNA2008 makes of a code point (RFC 5892 §3).</summary>
internal enum CodePointRule
{
    /// <summary>PVALID.</summary>
    Valid,

    /// <summary>CONTEXTJ: a joiner, where its neighbours want one.</summary>
    Joiner,

    /// <summary>CONTEXTO: where its neighbours allow it.</summary>
    Contextual,
}

/// <summary>The properties of a code point that a label may have.</summary>
/// <param name="Rule">What IDNA2008 makes of it.</param>
/// <param name="Scripts">Its scripts, ISO 15924.</param>
/// <param name="Bidi">Its bidirectional class.</param>
/// <param name="CombiningClass">Its canonical combining class.</param>
/// <param name="Joining">Its joining type.</param>
/// <param name="IsMark">Whether it is a combining mark.</param>
internal sealed record CodePoint(CodePointRule Rule, string[] Scripts, string Bidi, int CombiningClass, char Joining, bool IsMark);

/// <summary>
/// The code points that labels may have. The server runs without ICU (and whatever version of it a system happens to have), so the
/// table is its own; it is read when the first internationalised name arrives.
/// </summary>
internal static class CodePoints
{
    private static readonly Lazy<Table> s_table = new(Read);

    /// <summary>The properties of a code point; null if no label may have it (DISALLOWED, UNASSIGNED).</summary>
    public static CodePoint? Find(int codePoint)
    {
        var (firsts, lasts, entries) = (s_table.Value.Firsts, s_table.Value.Lasts, s_table.Value.Entries);
        var index = Array.BinarySearch(firsts, codePoint);
        if (index < 0)
            index = ~index - 1;
        return index >= 0 && codePoint <= lasts[index] ? entries[index] : null;
    }

    /// <summary>What a code point is composed of, canonically; null if it is not.</summary>
    public static (int First, int Second)? Parts(int codePoint) => s_table.Value.Decompositions.TryGetValue(codePoint, out var parts) ? parts : null;

    /// <summary>What two code points compose to, canonically; null if they do not.</summary>
    public static int? Composed(int first, int second) => s_table.Value.Compositions.TryGetValue((first, second), out var composed) ? composed : null;

    private static Table Read()
    {
        using var stream = typeof(CodePoints).Assembly.GetManifestResourceStream("CaServer.Domain.Idna.CodePoints.txt")
            ?? throw new InvalidOperationException("The table of code points is not in the assembly.");
        using var reader = new StreamReader(stream);
        var table = new Table.Builder();
        while (reader.ReadLine() is { } line)
            table.Add(line);
        return table.Build();
    }

    private sealed record Table(
        int[] Firsts, int[] Lasts, CodePoint[] Entries, Dictionary<int, (int, int)> Decompositions, Dictionary<(int, int), int> Compositions)
    {
        internal sealed class Builder
        {
            private readonly List<int> _firsts = [];
            private readonly List<int> _lasts = [];
            private readonly List<CodePoint> _entries = [];
            private readonly Dictionary<int, (int, int)> _decompositions = [];

            public void Add(string line)
            {
                if (line.StartsWith('#'))
                    return;
                var fields = line.Split(' ');
                if (line.StartsWith('='))
                {
                    _decompositions.Add(Hex(fields[0][1..]), (Hex(fields[1]), Hex(fields[2])));
                    return;
                }
                var range = fields[0].Split('-');
                _firsts.Add(Hex(range[0]));
                _lasts.Add(Hex(range[1]));
                _entries.Add(new CodePoint(
                    fields[1] switch { "P" => CodePointRule.Valid, "J" => CodePointRule.Joiner, _ => CodePointRule.Contextual },
                    fields[2].Split(','),
                    fields[3],
                    int.Parse(fields[4], CultureInfo.InvariantCulture),
                    fields[5][0],
                    fields.Length > 6));
            }

            public Table Build() => new(
                [.. _firsts], [.. _lasts], [.. _entries], _decompositions, _decompositions.ToDictionary(d => d.Value, d => d.Key));

            private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }
    }
}
