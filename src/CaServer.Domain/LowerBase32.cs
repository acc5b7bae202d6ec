using System.Text;

namespace CaServer.Domain;

/// <summary>Base32 (RFC 4648 §6) in lower case and without padding, for where letter case may get lost.</summary>
public static class LowerBase32
{
    /// <summary>Bits that one character stands for.</summary>
    public const int BitsPerCharacter = 5;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>The text of some octets, whose number of bits must be a multiple of five.</summary>
    public static string Of(ReadOnlySpan<byte> octets)
    {
        var text = new StringBuilder();
        for (var bit = 0; bit < octets.Length * 8; bit += BitsPerCharacter)
        {
            // Five bits that begin in one octet and may end in the next.
            var pair = (octets[bit / 8] << 8) | (bit / 8 + 1 < octets.Length ? octets[bit / 8 + 1] : 0);
            text.Append(Alphabet[(pair >> (16 - BitsPerCharacter - bit % 8)) & 0x1f]);
        }
        return text.ToString();
    }

    /// <summary>Whether a text has characters of the alphabet only.</summary>
    public static bool IsValid(string text) => text.All(c => Alphabet.Contains(c, StringComparison.Ordinal));
}
