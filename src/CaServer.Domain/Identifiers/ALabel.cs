using System.Globalization;

namespace CaServer.Domain;

/// <summary>Checks of internationalised labels (RFC 5890, RFC 5891).</summary>
internal static class ALabel
{
    private static readonly IdnMapping s_idn = new() { AllowUnassigned = false, UseStd3AsciiRules = true };

    /// <summary>What is wrong with an <c>xn--</c> label, or null. The label must be what its U-label encodes to (RFC 5890 §2.3.2.1).</summary>
    internal static string? Fault(string label)
    {
        try
        {
            var unicode = s_idn.GetUnicode(label);
            var back = s_idn.GetAscii(unicode);
            if (string.Equals(back, label, StringComparison.OrdinalIgnoreCase) && unicode.Any(c => c > 0x7f))
                return null;
        }
        catch (ArgumentException)
        {
            // Not Punycode, or code points that IDNA does not permit.
        }
        return "has an xn-- label that is not a valid A-label";
    }
}
