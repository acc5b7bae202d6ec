using System.Buffers;
using System.Buffers.Text;

namespace CaServer.Status;

/// <summary>Reads the request in the path of an OCSP GET: base64, percent-encoded (RFC 9919 §5).</summary>
internal static class OcspGetPath
{
    /// <summary>Longest text that is read; RFC 9919 §5 lets clients send 255 octets.</summary>
    public const int MaxLength = 2048;

    /// <summary>
    /// The request's octets; null if it is none. Clients escape as they like: all, some or none of <c>+</c>, <c>/</c> and
    /// <c>=</c>; some leave the padding out, some begin with one slash too many, and a proxy on the way may have made a blank of a plus.
    /// </summary>
    /// <param name="text">What follows the responder's URL and a slash, as it stands in the request line.</param>
    public static byte[]? Decode(ReadOnlySpan<char> text)
    {
        text = text.TrimStart('/');
        if (text.Length is 0 or > MaxLength)
            return null;
        Span<byte> base64 = stackalloc byte[MaxLength + 3];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                    return null;
                c = (char)((HexOf(text[i + 1]) << 4) | HexOf(text[i + 2]));
                i += 2;
            }
            if (c == ' ')
                c = '+';
            if (c > 0x7f)
                return null;
            base64[length++] = (byte)c;
        }
        while (length % 4 != 0)
            base64[length++] = (byte)'=';
        var status = Base64.DecodeFromUtf8InPlace(base64[..length], out var written);
        return status == OperationStatus.Done && written > 0 ? base64[..written].ToArray() : null;
    }

    private static int HexOf(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
