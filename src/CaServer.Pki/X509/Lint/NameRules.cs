using System.Formats.Asn1;

namespace CaServer.Pki.X509;

/// <summary>Form of distinguished names (BR §7.1.4.2).</summary>
internal static class NameRules
{
    internal const string CommonName = "2.5.4.3";
    internal const string Country = "2.5.4.6";
    internal const string Organization = "2.5.4.10";
    internal const string OrganizationalUnit = "2.5.4.11";

    private const int MaxLength = 64;

    // The order that BR §7.1.4.2 prescribes, as far as our names go.
    private static readonly string[] s_order = [Country, Organization, OrganizationalUnit, CommonName];

    /// <summary>One attribute for each RDN, none repeated, in order, with the right string type and length.</summary>
    internal static string? FormFault(IReadOnlyList<NameAttribute> name)
    {
        var last = -1;
        for (var i = 0; i < name.Count; i++)
        {
            var attribute = name[i];
            if (attribute.Rdn != i)
                return "A relative distinguished name has more than one attribute.";
            var place = Array.IndexOf(s_order, attribute.Oid);
            if (place >= 0 && place <= last)
                return $"The attribute {attribute.Oid} is repeated or out of order.";
            last = Math.Max(last, place);
            if (ValueFault(attribute) is { } fault)
                return fault;
        }
        return null;
    }

    private static string? ValueFault(NameAttribute attribute)
    {
        if (attribute.Oid == Country)
        {
            return attribute is { Encoding: UniversalTagNumber.PrintableString, Text.Length: 2 }
                ? null
                : "The country is not a PrintableString of two letters.";
        }
        if (attribute.Encoding is not (UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString))
            return $"The attribute {attribute.Oid} is neither UTF8String nor PrintableString.";
        return attribute.Text.Length is > 0 and <= MaxLength ? null : $"The attribute {attribute.Oid} is empty or longer than {MaxLength} characters.";
    }
}
