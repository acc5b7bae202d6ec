namespace CaServer.Hsm.Pkcs11;

/// <summary>From the r||s of CKM_ECDSA to the Ecdsa-Sig-Value of X.509 (RFC 5480 appendix A).</summary>
internal static class EcdsaSignature
{
    private const byte Sequence = 0x30;
    private const byte Integer = 0x02;

    /// <summary>Encodes two numbers of equal length; for P-256 and P-384 every length fits one octet.</summary>
    public static byte[] ToDer(ReadOnlySpan<byte> raw)
    {
        var r = Minimal(raw[..(raw.Length / 2)]);
        var s = Minimal(raw[(raw.Length / 2)..]);
        var contents = Length(r) + Length(s);
        var der = new byte[2 + contents];
        der[0] = Sequence;
        der[1] = (byte)contents;
        var rest = Write(r, der.AsSpan(2));
        Write(s, rest);
        return der;
    }

    private static ReadOnlySpan<byte> Minimal(ReadOnlySpan<byte> number)
    {
        var trimmed = number.TrimStart((byte)0);
        return trimmed.IsEmpty ? number[^1..] : trimmed;
    }

    // A set first bit would make the number negative, so a zero goes before it.
    private static int Padding(ReadOnlySpan<byte> number) => number[0] >> 7;

    private static int Length(ReadOnlySpan<byte> number) => 2 + Padding(number) + number.Length;

    private static Span<byte> Write(ReadOnlySpan<byte> number, Span<byte> der)
    {
        var padding = Padding(number);
        der[0] = Integer;
        der[1] = (byte)(padding + number.Length);
        number.CopyTo(der[(2 + padding)..]);
        return der[(2 + padding + number.Length)..];
    }
}
