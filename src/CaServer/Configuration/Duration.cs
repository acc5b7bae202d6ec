using System.Globalization;
using System.Text;

namespace CaServer.Configuration;

/// <summary>Lengths of time as people write them: <c>90d</c>, <c>12h</c>, <c>30m</c>, <c>45s</c>, or parts joined: <c>1d12h</c>.</summary>
internal static class Duration
{
    private static readonly (char Unit, TimeSpan Length)[] s_units =
        [('d', TimeSpan.FromDays(1)), ('h', TimeSpan.FromHours(1)), ('m', TimeSpan.FromMinutes(1)), ('s', TimeSpan.FromSeconds(1))];

    /// <summary>Reads a length of time; larger units come first, each at most once.</summary>
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        if (text.Length == 0)
            return false;
        var rest = text.AsSpan();
        foreach (var (unit, length) in s_units)
        {
            var end = rest.IndexOf(unit);
            if (end < 0)
                continue;
            // Six digits: no sum of four such parts overflows.
            if (end is 0 or > 6 || !int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                return false;
            value += count * length;
            rest = rest[(end + 1)..];
        }
        return rest.Length == 0;
    }

    /// <summary>The shortest text that <see cref="TryParse"/> reads back as the same length of whole seconds.</summary>
    public static string Format(TimeSpan value)
    {
        var text = new StringBuilder();
        foreach (var (unit, length) in s_units)
        {
            var count = value.Ticks / length.Ticks;
            if (count == 0)
                continue;
            text.Append(count).Append(unit);
            value -= count * length;
        }
        return text.Length == 0 ? "0s" : text.ToString();
    }
}
