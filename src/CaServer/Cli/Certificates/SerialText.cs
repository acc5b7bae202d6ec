using System.Diagnostics.CodeAnalysis;
using CaServer.Composition;
using CaServer.Configuration;
using CaServer.Domain;

namespace CaServer.Cli;

/// <summary>Serial numbers as tools write them: hexadecimal, perhaps with colons, in either case.</summary>
internal static class SerialText
{
    /// <summary>Reads a serial number; false if it is none that this CA could have given.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SerialNumber? serial)
    {
        var digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        return SerialNumber.TryParse(digits.Replace(":", "", StringComparison.Ordinal), out serial);
    }

    /// <summary>Reads a serial number.</summary>
    /// <exception cref="OperatorFaultException">It is none that this CA could have given.</exception>
    public static SerialNumber Parse(string text) => TryParse(text, out var serial)
        ? serial
        : throw new OperatorFaultException($"'{OneLine.Of(text)}' is no serial number of this CA; give its {2 * SerialNumber.Length} hexadecimal digits");
}
