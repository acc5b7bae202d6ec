using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace CaServer.Domain;

/// <summary>
/// Punycode (RFC 3492), the encoding alone. .NET's IdnMapping judges what it decodes by the older IDNA2003, whose rule for text
/// from right to left refuses labels that IDNA2008 permits.
/// </summary>
internal static class Punycode
{
    // RFC 3492 §5.
    private const int Base = 36;
    private const int TMin = 1;
    private const int TMax = 26;
    private const int Skew = 38;
    private const int Damp = 700;
    private const int InitialBias = 72;
    private const int InitialN = 0x80;

    // A label has 63 characters at most; its U-label has fewer.
    private const int MaxCodePoints = 63;

    /// <summary>Decodes what follows <c>xn--</c>, lower case; false if it is not Punycode of Unicode scalar values.</summary>
    public static bool TryDecode(string text, [NotNullWhen(true)] out int[]? codePoints)
    {
        codePoints = null;
        var delimiter = text.LastIndexOf('-');
        var output = new List<int>(text[..Math.Max(delimiter, 0)].Select(c => (int)c));
        var (n, i, bias) = (InitialN, 0L, InitialBias);
        for (var position = delimiter + 1; position < text.Length;)
        {
            var (before, weight) = (i, 1L);
            for (var k = Base; ; k += Base)
            {
                if (position >= text.Length || Digit(text[position++]) is not { } digit)
                    return false;
                i += digit * weight;
                var threshold = Math.Clamp(k - bias, TMin, TMax);
                if (digit < threshold)
                    break;
                weight *= Base - threshold;
                if (i > int.MaxValue || weight > int.MaxValue)
                    return false;
            }
            var length = output.Count + 1;
            bias = Adapt(i - before, length, before == 0);
            n = (int)Math.Min(n + (i / length), int.MaxValue);
            if (!Rune.IsValid(n) || length > MaxCodePoints)
                return false;
            output.Insert((int)(i % length), n);
            i = (i % length) + 1;
        }
        codePoints = [.. output];
        return true;
    }

    /// <summary>Encodes code points, which must not be many; what is ASCII stands in front.</summary>
    public static string Encode(IReadOnlyList<int> codePoints)
    {
        var output = new StringBuilder();
        foreach (var ascii in codePoints.Where(c => c < InitialN))
            output.Append((char)ascii);
        var (basic, handled) = (output.Length, output.Length);
        if (basic > 0)
            output.Append('-');
        var (n, delta, bias) = (InitialN, 0L, InitialBias);
        while (handled < codePoints.Count)
        {
            var next = codePoints.Where(c => c >= n).Min();
            delta += (long)(next - n) * (handled + 1);
            n = next;
            foreach (var c in codePoints)
            {
                if (c < n)
                    delta++;
                if (c != n)
                    continue;
                AppendNumber(output, delta, bias);
                bias = Adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled++;
            }
            delta++;
            n++;
        }
        return output.ToString();
    }

    private static void AppendNumber(StringBuilder output, long number, int bias)
    {
        for (var k = Base; ; k += Base)
        {
            var threshold = Math.Clamp(k - bias, TMin, TMax);
            if (number < threshold)
                break;
            output.Append(Character((int)(threshold + ((number - threshold) % (Base - threshold)))));
            number = (number - threshold) / (Base - threshold);
        }
        output.Append(Character((int)number));
    }

    private static int Adapt(long delta, int length, bool first)
    {
        delta = first ? delta / Damp : delta / 2;
        delta += delta / length;
        var k = 0;
        for (; delta > (Base - TMin) * TMax / 2; k += Base)
            delta /= Base - TMin;
        return k + (int)((Base - TMin + 1) * delta / (delta + Skew));
    }

    private static int? Digit(char c) => c switch
    {
        >= 'a' and <= 'z' => c - 'a',
        >= '0' and <= '9' => c - '0' + 26,
        _ => null,
    };

    private static char Character(int digit) => (char)(digit < 26 ? 'a' + digit : '0' + digit - 26);
}
