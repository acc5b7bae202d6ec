using System.Net;
using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>Lints of the names in a subscriber certificate (BR §7.1.2.7.12, §4.2.2; RFC 5280 §4.2.1.6).</summary>
internal static class SubjectAltNameRules
{
    private const int MaxNameLength = 253;
    private const int MaxLabelLength = 63;

    internal static readonly LintRule<LintedCertificate>[] All =
    [
        new("san_empty", LintSeverity.Error, "RFC 5280 §4.2.1.6", Empty),
        new(
            "san_type", LintSeverity.Error, "BR §7.1.2.7.12",
            c => c.SubjectAltNames.Any(n => n.Tag is not (GeneralNameValue.DnsName or GeneralNameValue.IpAddress))
                ? "There is an entry that is neither dNSName nor iPAddress."
                : null),
        new(
            "san_dns_name_form", LintSeverity.Error, "BR §7.1.2.7.12; RFC 1034 §3.5",
            c => First(c, GeneralNameValue.DnsName, n => DnsFault(n.Ascii))),
        new(
            "san_dns_name_upper_case", LintSeverity.Error, "RFC 8555 §7.1.4",
            c => First(c, GeneralNameValue.DnsName, n => n.Ascii.Any(char.IsAsciiLetterUpper) ? "has an upper-case letter" : null)),
        new("san_a_label", LintSeverity.Error, "BR §7.1.4.2.1; RFC 5890 §2.3.2.1", c => First(c, GeneralNameValue.DnsName, ALabelFault)),
        new("san_internal_name", LintSeverity.Error, "BR §4.2.2", c => First(c, GeneralNameValue.DnsName, InternalNameFault), OnlyWebPki: true),
        new("san_ip_address_form", LintSeverity.Error, "RFC 5280 §4.2.1.6", c => First(c, GeneralNameValue.IpAddress, IpFault)),
        new("san_reserved_address", LintSeverity.Error, "BR §4.2.2", c => First(c, GeneralNameValue.IpAddress, ReservedFault), OnlyWebPki: true),
        new("san_repeated", LintSeverity.Error, "BR §7.1.2.7.12", Repeated),
    ];

    /// <summary>An entry as it would stand in a common name: IPv6 as RFC 5952 text (BR §7.1.4.3).</summary>
    internal static string? TextOf(GeneralNameValue name) => name.Tag switch
    {
        GeneralNameValue.DnsName => name.Ascii,
        GeneralNameValue.IpAddress when name.Content.Length is 4 or 16 => new IPAddress(name.Content.Span).ToString(),
        _ => null,
    };

    private static string? Empty(LintedCertificate c) =>
        c.Certificate.Find("2.5.29.17") is not null && c.SubjectAltNames.Count == 0 ? "The subjectAltName is empty." : null;

    private static string? First(LintedCertificate c, int tag, Func<GeneralNameValue, string?> faultOf)
    {
        foreach (var name in c.SubjectAltNames)
        {
            if (name.Tag == tag && faultOf(name) is { } fault)
                return $"'{TextOf(name)}' {fault}.";
        }
        return null;
    }

    // Letters, digits and hyphens in labels of 1 to 63, at most 253 in all; an asterisk only as the whole first label.
    private static string? DnsFault(string name)
    {
        var rest = name.StartsWith("*.", StringComparison.Ordinal) ? name.AsSpan(2) : name;
        if (rest.Length is 0 or > MaxNameLength)
            return "is empty or too long";
        foreach (var range in rest.Split('.'))
        {
            var label = rest[range];
            if (label.Length is 0 or > MaxLabelLength)
                return "has an empty or too long label";
            if (label[0] == '-' || label[^1] == '-')
                return "has a label that begins or ends with a hyphen";
            foreach (var c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                    return "has a character other than letters, digits and hyphens";
            }
        }
        return rest[(rest.LastIndexOf('.') + 1)..].ContainsAnyExceptInRange('0', '9') ? null : "looks like an IPv4 address";
    }

    // Labels with two hyphens in the third and fourth place must be A-labels (BR: P-labels) that decode and encode back.
    private static string? ALabelFault(GeneralNameValue name)
    {
        foreach (var label in name.Ascii.Split('.'))
        {
            if (label.Length >= 4 && label[2] == '-' && label[3] == '-'
                && !Identifier.TryParse(IdentifierType.Dns, label, out _, out _))
                return "has a reserved label that is not an A-label";
        }
        return null;
    }

    private static string? InternalNameFault(GeneralNameValue name)
    {
        var text = name.Ascii;
        var lastDot = text.LastIndexOf('.');
        var ends = text[(lastDot + 1)..];
        if (lastDot < 0)
            return "is not fully qualified";
        return ends is "arpa" or "local" or "localhost" or "internal" or "test" or "example" or "invalid" or "alt" or "onion"
            ? "lies below a reserved top-level domain"
            : null;
    }

    private static string? IpFault(GeneralNameValue name) => name.Content.Length is 4 or 16 ? null : "is neither 4 nor 16 octets long";

    private static string? ReservedFault(GeneralNameValue name) =>
        name.Content.Length is 4 or 16 && ReservedAddresses.Contains(new IPAddress(name.Content.Span)) ? "is a reserved address" : null;

    private static string? Repeated(LintedCertificate c)
    {
        var names = c.SubjectAltNames;
        if (names.Count < 2)
            return null;
        var seen = new HashSet<(int, string)>(names.Count);
        foreach (var name in names)
        {
            var key = name.Tag == GeneralNameValue.DnsName ? name.Ascii.ToLowerInvariant() : Convert.ToHexString(name.Content.Span);
            if (!seen.Add((name.Tag, key)))
                return $"'{TextOf(name)}' is there twice.";
        }
        return null;
    }
}
