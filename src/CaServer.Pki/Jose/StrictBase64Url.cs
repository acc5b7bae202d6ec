using System.Buffers;
using System.Buffers.Text;

namespace CaServer.Pki.Jose;

/// <summary>
/// base64url as RFC 7515 §2 and RFC 8555 §6.1 define it: no padding, no white space, and no bits set beyond the last octet, so
/// that each octet string has exactly one text. The platform's decoder is laxer.
/// </summary>
public static class StrictBase64Url
{
    private static readonly SearchValues<byte> s_alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    /// <summary>Decodes ASCII text; false if it is not strict base64url.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, out byte[] octets)
    {
        octets = [];
        var rest = text.Length % 4;
        if (rest == 1 || text.IndexOfAnyExcept(s_alphabet) >= 0)
            return false;
        octets = Base64Url.DecodeFromUtf8(text);
        if (rest == 0)
            return true;
        Span<byte> lastGroup = stackalloc byte[4];
        Base64Url.EncodeToUtf8(octets.AsSpan(octets.Length - (rest - 1)), lastGroup, out _, out var written);
        return lastGroup[..written].SequenceEqual(text[^rest..]);
    }
}
