using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace CaServer.Status;

/// <summary>Reads the request in the path of an OCSP GET: base64, percent-encoded (RFC 9919 §5).</summary>
internal static class OcspGetPath
{
    /// <summary>Longest text that is read; RFC 9919 §5 lets clients send 255 octets.</summary>
    public const int MaxLength = 2048;

    /// <summary>What <see cref="Decode"/> needs.</summary>
    public const int BufferLength = MaxLength + 3;

    /// <summary>
    /// Reads the request; the number of its octets, 0 if it is none. Clients escape as they like: all, some or none of <c>+</c>,
    /// <c>/</c> and <c>=</c>; some leave the padding out, some begin with one slash too many, and a proxy on the way may have made
    /// a blank of a plus.
    /// </summary>
    /// <param name="text">What follows the responder's URL and a slash, as it stands in the request line.</param>
    /// <param name="octets">At least <see cref="BufferLength"/> octets.</param>
    public static int Decode(ReadOnlySpan<char> text, Span<byte> octets)
    {
        text = text.TrimStart('/');
        if (text.Length is 0 or > MaxLength)
            return 0;
        var length = 0;
        while (true)
        {
            var special = text.IndexOfAny('%', ' ');
            if (Ascii.FromUtf16(special < 0 ? text : text[..special], octets[length..], out var copied) != OperationStatus.Done)
                return 0;
            length += copied;
            if (special < 0)
                break;
            var c = '+';
            if (text[special] == '%')
            {
                if (special + 2 >= text.Length || !char.IsAsciiHexDigit(text[special + 1]) || !char.IsAsciiHexDigit(text[special + 2]))
                    return 0;
                c = (char)((HexOf(text[special + 1]) << 4) | HexOf(text[special + 2]));
                special += 2;
            }
            if (c > 0x7f)
                return 0;
            octets[length++] = c == ' ' ? (byte)'+' : (byte)c;
            text = text[(special + 1)..];
        }
        while (length % 4 != 0)
            octets[length++] = (byte)'=';
        return Base64.DecodeFromUtf8InPlace(octets[..length], out var written) == OperationStatus.Done ? written : 0;
    }

    private static int HexOf(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
