using System.Text;

namespace CaServer.Validation;

/// <summary>Makes what came from the network safe to show: printable ASCII, capped.</summary>
internal static class Printable
{
    /// <summary>Bytes shown in a problem document or kept in a trace.</summary>
    internal const int MaxBytes = 100;

    /// <summary>The first bytes; everything but printable ASCII as <c>\n</c>, <c>\r</c>, <c>\t</c> or <c>\xhh</c>, and <c>...</c> if more followed.</summary>
    internal static string Of(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var b in bytes[..Math.Min(bytes.Length, MaxBytes)])
        {
            _ = b switch
            {
                (byte)'\n' => text.Append("\\n"),
                (byte)'\r' => text.Append("\\r"),
                (byte)'\t' => text.Append("\\t"),
                // Escaped too, so that the text can be quoted and is unambiguous.
                (byte)'\\' or (byte)'"' => text.Append('\\').Append((char)b),
                >= 0x20 and < 0x7f => text.Append((char)b),
                _ => text.Append("\\x").Append(b.ToString("x2")),
            };
        }
        return text.Append(bytes.Length > MaxBytes ? "..." : "").ToString();
    }

    /// <summary>The same for text, by its UTF-8 form.</summary>
    internal static string Of(string text) => Of(Encoding.UTF8.GetBytes(text.Length > MaxBytes ? text[..(MaxBytes + 1)] : text));
}
