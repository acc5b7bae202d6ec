using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CaServer.Domain;

/// <summary>
/// A name that may be certified, in canonical form: a lower-case A-label domain name, possibly a wildcard, or an IP address
/// in dotted-quad or RFC 5952 text. A value of this type is always well formed.
/// </summary>
public sealed record Identifier
{
    /// <summary>Longest domain name in text form, without trailing dot (RFC 1035 §2.3.4: 255 octets on the wire).</summary>
    public const int MaxNameLength = 253;

    private const int MaxLabelLength = 63;

    private Identifier(IdentifierType type, string value, bool isWildcard)
    {
        Type = type;
        Value = value;
        IsWildcard = isWildcard;
    }

    /// <summary>The identifier's type.</summary>
    public IdentifierType Type { get; }

    /// <summary>The canonical name or address, without the <c>*.</c> of a wildcard.</summary>
    public string Value { get; }

    /// <summary>Whether this stands for <c>*.</c><see cref="Value"/> (RFC 8555 §7.1.3).</summary>
    public bool IsWildcard { get; }

    /// <summary>The name as it stands in orders and certificates, with <c>*.</c> where it is a wildcard.</summary>
    public override string ToString() => IsWildcard ? "*." + Value : Value;

    /// <summary>The identifier that must be proved for this one: the same, or for a wildcard the name below the asterisk.</summary>
    public Identifier WithoutWildcard() => IsWildcard ? new Identifier(Type, Value, false) : this;

    /// <summary>The wildcard for the names directly below this domain name.</summary>
    /// <exception cref="InvalidOperationException">This is an address.</exception>
    public Identifier WithWildcard() => Type == IdentifierType.Dns
        ? new Identifier(Type, Value, true)
        : throw new InvalidOperationException("No names lie below an address.");

    /// <summary>
    /// Whether this name lies below a domain, so that whoever controls all of that controls it too. A wildcard lies below the name
    /// after its asterisk.
    /// </summary>
    public bool IsBelow(Identifier domain) =>
        Type == IdentifierType.Dns && !domain.IsWildcard && NamePolicy.IsAtOrBelow(this, domain) && (IsWildcard || Value.Length > domain.Value.Length);

    /// <summary>
    /// Parses a domain name or an address. Upper-case letters of names are folded (RFC 8555 §7.1.4 compares case-insensitively,
    /// we store lower case); everything else that is not canonical is refused, not repaired.
    /// </summary>
    /// <param name="type">The identifier's type.</param>
    /// <param name="text">The text received.</param>
    /// <param name="identifier">The identifier, if it is well formed.</param>
    /// <param name="fault">Otherwise one clause that says what is wrong, to follow the quoted name.</param>
    public static bool TryParse(
        IdentifierType type,
        string? text,
        [NotNullWhen(true)] out Identifier? identifier,
        [NotNullWhen(false)] out string? fault)
    {
        identifier = null;
        if (string.IsNullOrEmpty(text))
        {
            fault = "is empty";
            return false;
        }
        switch (type)
        {
            case IdentifierType.Dns:
                return TryParseDns(text, out identifier, out fault);
            case IdentifierType.Ip:
                return TryParseIp(text, out identifier, out fault);
            default:
                throw new ArgumentOutOfRangeException(nameof(type));
        }
    }

    /// <summary>Parses a domain name that is known to be good, such as one read back from the database.</summary>
    /// <exception cref="FormatException">It is not well formed.</exception>
    public static Identifier Dns(string text) =>
        TryParse(IdentifierType.Dns, text, out var identifier, out var fault)
            ? identifier
            : throw new FormatException($"'{text}' {fault}.");

    /// <summary>Parses an address that is known to be good, such as one read back from the database.</summary>
    /// <exception cref="FormatException">It is not well formed.</exception>
    public static Identifier Ip(string text) =>
        TryParse(IdentifierType.Ip, text, out var identifier, out var fault)
            ? identifier
            : throw new FormatException($"'{text}' {fault}.");

    private static bool TryParseDns(string text, out Identifier? identifier, out string? fault)
    {
        identifier = null;
        var wildcard = text.StartsWith("*.", StringComparison.Ordinal);
        var name = wildcard ? text[2..] : text;
        fault = FaultOfName(name);
        if (fault is not null)
            return false;
        identifier = new Identifier(IdentifierType.Dns, name.ToLowerInvariant(), wildcard);
        return true;
    }

    // BR §7.1.2.7.12: LDH and P-labels only, no trailing dot; so no underscore, no U-label.
    private static string? FaultOfName(string name)
    {
        if (name.Length == 0)
            return "has no labels";
        if (name.Length > MaxNameLength)
            return $"is longer than {MaxNameLength} characters";
        if (name[^1] == '.')
            return "ends with a dot; leave it off";
        if (name.Contains('*', StringComparison.Ordinal))
            return "has an asterisk that is not its whole leftmost label";
        if (!Ascii.IsValid(name))
            return FaultOfUnicode(name);
        foreach (var label in name.Split('.'))
        {
            if (FaultOfLabel(label) is { } fault)
                return fault;
        }
        // A name that ends in digits would be read as an IPv4 address by many programs (WHATWG URL, RFC 3696 §2).
        if (name.AsSpan(name.LastIndexOf('.') + 1).IndexOfAnyExceptInRange('0', '9') < 0)
            return "ends in a label of digits only; use an identifier of type ip for an address";
        return null;
    }

    // RFC 8555 §7.1.3: names are A-labels. The client is told which, but must ask for it itself.
    private static string FaultOfUnicode(string name)
    {
        var (encoded, fault) = InternationalName.Encode(name);
        return encoded is null ? fault! : $"has characters outside ASCII; send {encoded}, which has A-labels in their place";
    }

    private static string? FaultOfLabel(string label)
    {
        if (label.Length == 0)
            return "has an empty label";
        if (label.Length > MaxLabelLength)
            return $"has a label longer than {MaxLabelLength} characters";
        foreach (var c in label)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                return $"has the character '{(char.IsControl(c) ? '?' : c)}', which a host name cannot have";
        }
        if (label[0] == '-' || label[^1] == '-')
            return "has a label that begins or ends with a hyphen";
        // RFC 5890 §2.3.1: hyphens in the third and fourth place are reserved; only A-labels have them.
        if (label.Length >= 4 && label[2] == '-' && label[3] == '-')
            return label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase) ? FaultOfALabel(label) : "has a reserved label (hyphens in third and fourth place)";
        return null;
    }

    // RFC 5890 §2.3.2.1: what its U-label encodes to, neither more nor less.
    private static string? FaultOfALabel(string label) =>
        InternationalName.Decode(label.ToLowerInvariant()) is null ? "has an xn-- label that is not a valid A-label" : null;

    // RFC 8738 §3: dotted quad, or the text form of RFC 5952; nothing else that parsers accept.
    private static bool TryParseIp(string text, out Identifier? identifier, out string? fault)
    {
        identifier = null;
        if (text.Length > 45 || !IPAddress.TryParse(text, out var address) || text.Contains('%', StringComparison.Ordinal))
        {
            fault = "is not an IP address";
            return false;
        }
        var canonical = address.ToString();
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && address.IsIPv4MappedToIPv6)
        {
            fault = "is an IPv4-mapped address; use the IPv4 address itself";
            return false;
        }
        if (!string.Equals(canonical, text, StringComparison.Ordinal))
        {
            fault = $"is not in canonical form; write {canonical}";
            return false;
        }
        identifier = new Identifier(IdentifierType.Ip, canonical, false);
        fault = null;
        return true;
    }
}
