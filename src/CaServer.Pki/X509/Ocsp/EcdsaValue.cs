using System.Formats.Asn1;

namespace CaServer.Pki.X509;

/// <summary>ECDSA signatures of P-256 in their two forms: DER <c>Ecdsa-Sig-Value</c> (RFC 3279 §2.2.3), and r and s side by side, which never vary in length.</summary>
public static class EcdsaValue
{
    private const int Width = 32;
    private const byte Integer = 0x02;

    /// <summary>Writes r and s as DER; the number of octets, at most 72.</summary>
    public static int Encode(ReadOnlySpan<byte> signature, Span<byte> destination)
    {
        var r = Content(signature[..Width]);
        var s = Content(signature[Width..]);
        int rLength = LengthOf(r), sLength = LengthOf(s);
        var content = 4 + rLength + sLength;
        var rest = DerHeader.Write(destination, DerHeader.Sequence, content);
        rest = WriteInteger(rest, r, rLength);
        WriteInteger(rest, s, sLength);
        return 2 + content;
    }

    /// <summary>Reads DER into r and s; false if it is not one of P-256.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> der, Span<byte> signature)
    {
        try
        {
            AsnDecoder.ReadSequence(der, AsnEncodingRules.DER, out var offset, out var length, out var consumed);
            if (consumed != der.Length)
                return false;
            var body = der.Slice(offset, length);
            var r = AsnDecoder.ReadIntegerBytes(body, AsnEncodingRules.DER, out consumed);
            body = body[consumed..];
            var s = AsnDecoder.ReadIntegerBytes(body, AsnEncodingRules.DER, out consumed);
            return consumed == body.Length && TryPlace(r, signature[..Width]) && TryPlace(s, signature.Slice(Width, Width));
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static bool TryPlace(ReadOnlySpan<byte> number, Span<byte> place)
    {
        if ((number[0] & 0x80) != 0)
            return false;
        number = number.TrimStart((byte)0);
        if (number.Length > Width)
            return false;
        place[..(Width - number.Length)].Clear();
        number.CopyTo(place[(Width - number.Length)..]);
        return true;
    }

    private static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> number)
    {
        var trimmed = number.TrimStart((byte)0);
        return trimmed.IsEmpty ? number[^1..] : trimmed;
    }

    private static int LengthOf(ReadOnlySpan<byte> content) => content.Length + (content[0] >> 7);

    private static Span<byte> WriteInteger(Span<byte> destination, ReadOnlySpan<byte> content, int length)
    {
        var rest = DerHeader.Write(destination, Integer, length);
        rest[0] = 0;
        content.CopyTo(rest[(length - content.Length)..]);
        return rest[length..];
    }
}
