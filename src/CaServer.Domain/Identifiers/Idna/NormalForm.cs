namespace CaServer.Domain;

/// <summary>Normalization form C (UAX #15), as far as labels need it: .NET does none where it runs without ICU.</summary>
internal static class NormalForm
{
    /// <summary>The code points in normalization form C. Conjoining jamo stay as they are; no label may have them.</summary>
    public static List<int> Compose(IReadOnlyList<int> codePoints)
    {
        var decomposed = new List<int>();
        foreach (var c in codePoints)
            Decompose(c, decomposed);
        Order(decomposed);
        return Recompose(decomposed);
    }

    private static void Decompose(int codePoint, List<int> output)
    {
        if (CodePoints.Parts(codePoint) is { } parts)
        {
            Decompose(parts.First, output);
            output.Add(parts.Second);
        }
        else
        {
            output.Add(codePoint);
        }
    }

    // Marks of different classes change places; those of one class keep theirs.
    private static void Order(List<int> codePoints)
    {
        for (var i = 1; i < codePoints.Count; i++)
        {
            var @class = Class(codePoints[i]);
            for (var j = i; @class > 0 && j > 0 && Class(codePoints[j - 1]) > @class; j--)
                (codePoints[j - 1], codePoints[j]) = (codePoints[j], codePoints[j - 1]);
        }
    }

    private static List<int> Recompose(List<int> codePoints)
    {
        var output = new List<int>(codePoints.Count);
        var starter = -1;
        var last = 0;
        foreach (var c in codePoints)
        {
            var @class = Class(c);
            var isBlocked = starter >= 0 && output.Count - 1 > starter && (last >= @class || last == 0);
            if (starter >= 0 && !isBlocked && CodePoints.Composed(output[starter], c) is { } composed)
            {
                output[starter] = composed;
                continue;
            }
            if (@class == 0)
                starter = output.Count;
            last = @class;
            output.Add(c);
        }
        return output;
    }

    private static int Class(int codePoint) => CodePoints.Find(codePoint)?.CombiningClass ?? 0;
}
