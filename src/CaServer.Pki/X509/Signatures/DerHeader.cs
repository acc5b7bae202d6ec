namespace CaServer.Pki.X509;

/// <summary>Tag and length octets, for large values that are assembled in one buffer of the right size (X.690 §8.1).</summary>
internal static class DerHeader
{
    internal const byte Sequence = 0x30;
    internal const byte BitString = 0x03;

    /// <summary>Octets of the tag and the length of a value with this content.</summary>
    internal static int LengthOf(int contentLength) => contentLength switch
    {
        < 0x80 => 2,
        < 0x100 => 3,
        < 0x10000 => 4,
        < 0x1000000 => 5,
        _ => 6,
    };

    /// <summary>Writes a header and returns what comes after it.</summary>
    internal static Span<byte> Write(Span<byte> destination, byte tag, int contentLength)
    {
        var header = LengthOf(contentLength);
        destination[0] = tag;
        if (header == 2)
        {
            destination[1] = (byte)contentLength;
        }
        else
        {
            var octets = header - 2;
            destination[1] = (byte)(0x80 | octets);
            for (var i = 0; i < octets; i++)
                destination[2 + i] = (byte)(contentLength >> (8 * (octets - 1 - i)));
        }
        return destination[header..];
    }
}
