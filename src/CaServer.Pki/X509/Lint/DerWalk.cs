using System.Formats.Asn1;
using System.Text.Unicode;

namespace CaServer.Pki.X509;

/// <summary>Looks at every value of an encoding for what BER permits and DER does not (X.690 §10, §11).</summary>
internal static class DerWalk
{
    private const int MaxDepth = 24;
    private const int UtcTimeLength = 13;
    private const int GeneralizedTimeLength = 15;

    /// <summary>The first fault, as one sentence; null if all is DER.</summary>
    internal static string? Fault(ReadOnlySpan<byte> encoding) => FaultOfAll(encoding, 0, exactlyOne: true);

    private static string? FaultOfAll(ReadOnlySpan<byte> values, int depth, bool exactlyOne)
    {
        if (depth > MaxDepth)
            return "Values are nested too deep.";
        var count = 0;
        while (!values.IsEmpty)
        {
            Asn1Tag tag;
            int offset, length, consumed;
            try
            {
                // Also refuses indefinite and overlong lengths.
                tag = AsnDecoder.ReadEncodedValue(values, AsnEncodingRules.DER, out offset, out length, out consumed);
            }
            catch (AsnContentException)
            {
                return "A tag or length is not DER.";
            }
            if (FaultOf(tag, values.Slice(offset, length), depth) is { } fault)
                return fault;
            values = values[consumed..];
            count++;
        }
        return exactlyOne && count != 1 ? "There is not exactly one value." : null;
    }

    private static string? FaultOf(Asn1Tag tag, ReadOnlySpan<byte> content, int depth)
    {
        if (tag.TagClass != TagClass.Universal)
            return tag.IsConstructed ? FaultOfAll(content, depth + 1, exactlyOne: false) : null;
        var type = (UniversalTagNumber)tag.TagValue;
        var mustBeConstructed = type is UniversalTagNumber.Sequence or UniversalTagNumber.SetOf;
        if (tag.IsConstructed != mustBeConstructed)
            return $"A {type} is encoded in the wrong form.";
        return type switch
        {
            UniversalTagNumber.Sequence => FaultOfAll(content, depth + 1, exactlyOne: false),
            UniversalTagNumber.SetOf => FaultOfAll(content, depth + 1, exactlyOne: false) ?? FaultOfOrder(content),
            UniversalTagNumber.Boolean => content is [0x00] or [0xff] ? null : "A BOOLEAN is neither 00 nor FF.",
            UniversalTagNumber.Integer or UniversalTagNumber.Enumerated => IsMinimal(content) ? null : "An INTEGER has needless leading octets.",
            UniversalTagNumber.BitString => HasZeroPadding(content) ? null : "The unused bits of a BIT STRING are not zero.",
            UniversalTagNumber.Null => content.IsEmpty ? null : "A NULL has content.",
            UniversalTagNumber.ObjectIdentifier => IsObjectIdentifier(content) ? null : "An OBJECT IDENTIFIER is malformed.",
            UniversalTagNumber.UTF8String => IsUtf8(content) ? null : "A UTF8String is not UTF-8.",
            UniversalTagNumber.PrintableString => IsPrintable(content) ? null : "A PrintableString has a character that it cannot have.",
            UniversalTagNumber.IA5String => !content.ContainsAnyInRange((byte)0x80, (byte)0xff) ? null : "An IA5String has a character that it cannot have.",
            UniversalTagNumber.UtcTime => IsTime(content, UtcTimeLength) ? null : "A UTCTime is not of the form YYMMDDHHMMSSZ.",
            // RFC 5280 §4.1.2.5.2 forbids fractions, which DER alone permits.
            UniversalTagNumber.GeneralizedTime => IsTime(content, GeneralizedTimeLength) ? null : "A GeneralizedTime is not of the form YYYYMMDDHHMMSSZ.",
            UniversalTagNumber.OctetString => null,
            _ => $"There is a {type}, which certificates and CRLs do not use.",
        };
    }

    // X.690 §11.6: the values of a SET OF in ascending order.
    private static string? FaultOfOrder(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> previous = default;
        while (!content.IsEmpty)
        {
            AsnDecoder.ReadEncodedValue(content, AsnEncodingRules.DER, out _, out _, out var consumed);
            var value = content[..consumed];
            if (previous.SequenceCompareTo(value) > 0)
                return "The values of a SET are not in order.";
            previous = value;
            content = content[consumed..];
        }
        return null;
    }

    private static bool IsMinimal(ReadOnlySpan<byte> integer) => integer switch
    {
        [] => false,
        [0x00, < 0x80, ..] or [0xff, >= 0x80, ..] => false,
        _ => true,
    };

    private static bool HasZeroPadding(ReadOnlySpan<byte> bits) => bits switch
    {
        [0] => true,
        [> 0 and <= 7, .., var last] => (last & ((1 << bits[0]) - 1)) == 0,
        [0, ..] => true,
        _ => false,
    };

    private static bool IsObjectIdentifier(ReadOnlySpan<byte> content)
    {
        var atStart = true;
        foreach (var octet in content)
        {
            if (atStart && octet == 0x80)
                return false;
            atStart = octet < 0x80;
        }
        return !content.IsEmpty && atStart;
    }

    private static bool IsUtf8(ReadOnlySpan<byte> content) => Utf8.IsValid(content);

    private static bool IsPrintable(ReadOnlySpan<byte> content)
    {
        foreach (var octet in content)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && !" '()+,-./:=?"u8.Contains(octet))
                return false;
        }
        return true;
    }

    private static bool IsTime(ReadOnlySpan<byte> content, int length) =>
        content.Length == length && content[^1] == (byte)'Z' && !content[..^1].ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
