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
        if (text.IndexOfAnyExcept(s_alphabet) >= 0)
            return false;
        var buffer = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        // Set bits beyond the last octet are invalid data to the decoder; white space and padding, which it skips, are ruled out above.
        if (Base64Url.DecodeFromUtf8(text, buffer, out _, out var written) != OperationStatus.Done)
            return false;
        octets = written == buffer.Length ? buffer : buffer[..written];
        return true;
    }
}
