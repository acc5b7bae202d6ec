using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace CaServer.Domain;

/// <summary>
/// A certificate serial number: exactly 16 octets, positive. Ours have the first bit clear and the second set, so the DER
/// encoding never varies in length; 126 bits come straight from the CSPRNG (BR §7.1 asks for at least 64).
/// </summary>
public sealed class SerialNumber : IEquatable<SerialNumber>
{
    /// <summary>Octets in a serial number.</summary>
    public const int Length = 16;

    private readonly byte[] _octets;

    private SerialNumber(byte[] octets) => _octets = octets;

    /// <summary>The big-endian octets.</summary>
    public ReadOnlySpan<byte> Octets => _octets;

    /// <summary>A new random serial number.</summary>
    public static SerialNumber Generate()
    {
        var octets = RandomNumberGenerator.GetBytes(Length);
        octets[0] = (byte)((octets[0] & 0x3f) | 0x40);
        return new SerialNumber(octets);
    }

    /// <summary>Reads the octets of one of our serial numbers.</summary>
    public static bool TryCreate(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out SerialNumber? serial)
    {
        serial = octets.Length == Length && (octets[0] & 0xc0) == 0x40 ? new SerialNumber(octets.ToArray()) : null;
        return serial is not null;
    }

    /// <summary>Reads hexadecimal text, in either case.</summary>
    public static bool TryParse(string? hex, [NotNullWhen(true)] out SerialNumber? serial)
    {
        serial = null;
        if (hex is null || hex.Length != 2 * Length || !hex.All(char.IsAsciiHexDigit))
            return false;
        return TryCreate(Convert.FromHexString(hex), out serial);
    }

    /// <summary>Lower-case hexadecimal text, 32 digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(_octets);

    /// <inheritdoc/>
    public bool Equals(SerialNumber? other) => other is not null && _octets.AsSpan().SequenceEqual(other._octets);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SerialNumber);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_octets, 4);
}
