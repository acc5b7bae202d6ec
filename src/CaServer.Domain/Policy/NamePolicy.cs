using System.Net;

namespace CaServer.Domain;

/// <summary>Which names may be certified. The front end asks at newOrder, the signing core again before it signs.</summary>
public sealed class NamePolicy
{
    // BR §7.1.2.7.12, §4.2.2 and RFC 6761, 6762, 7686, 8375, 9476: names that are nobody's on the Internet.
    private static readonly string[] s_reserved =
        ["localhost", "local", "test", "example", "invalid", "onion", "internal", "alt", "home.arpa", "arpa"];

    private readonly PolicyPreset _preset;
    private readonly Identifier[] _allowedDomains;
    private readonly PublicSuffixList _suffixes;

    /// <summary>Creates a policy; an empty list allows every name that the preset permits.</summary>
    /// <param name="preset">The rules.</param>
    /// <param name="allowedDomains">The domains that may be certified, with all names below them.</param>
    /// <param name="suffixes">Below which names everybody can register; null: below every last label.</param>
    public NamePolicy(PolicyPreset preset, IEnumerable<Identifier> allowedDomains, PublicSuffixList? suffixes = null)
    {
        _preset = preset;
        _suffixes = suffixes ?? PublicSuffixList.Empty;
        _allowedDomains = [.. allowedDomains];
    }

    /// <summary>Why this name may not be certified, as a clause that follows the quoted name; null if it may.</summary>
    public string? Refusal(Identifier identifier)
    {
        if (InternationalName.Refusal(identifier) is { } idna)
            return idna;
        if (_preset == PolicyPreset.WebPki && PublicFault(identifier) is { } fault)
            return fault;
        if (_allowedDomains.Length > 0 && !_allowedDomains.Any(d => IsAtOrBelow(identifier, d)))
            return "is not among the domains that this CA certifies (Policy:AllowedDomains)";
        return null;
    }

    /// <summary>Whether a registry controls the name, so that nobody speaks for all below it (BR §3.2.2.6).</summary>
    public bool IsRegistryControlled(string name) => _suffixes.IsRegistryControlled(name);

    private string? PublicFault(Identifier identifier) => identifier.Type switch
    {
        // BR §3.2.2.6: nobody controls all names directly below a public suffix.
        IdentifierType.Dns when identifier.IsWildcard && _suffixes.IsRegistryControlled(identifier.Value) =>
            "covers every name that can be registered there; a public certificate cannot have a wildcard directly below a public suffix (BR §3.2.2.6)",
        IdentifierType.Dns => PublicFault(identifier.Value),
        IdentifierType.Ip => ReservedAddresses.Contains(IPAddress.Parse(identifier.Value))
            ? "is a reserved address; a public certificate cannot have it (BR §4.2.2)"
            : null,
    };

    private static string? PublicFault(string name)
    {
        if (!name.Contains('.', StringComparison.Ordinal))
            return "is an internal name; a public certificate needs a fully qualified domain name";
        return s_reserved.FirstOrDefault(r => IsAtOrBelow(name, r)) is { } reserved
            ? $"lies below .{reserved}, which is reserved; a public certificate cannot have it"
            : null;
    }

    /// <summary>Whether a name is this domain or lies below it, or is this address.</summary>
    public static bool IsAtOrBelow(Identifier identifier, Identifier domain) =>
        identifier.Type == domain.Type
        && (domain.Type == IdentifierType.Dns ? IsAtOrBelow(identifier.Value, domain.Value) : identifier.Value == domain.Value);

    private static bool IsAtOrBelow(string name, string domain) =>
        name.EndsWith(domain, StringComparison.Ordinal)
        && (name.Length == domain.Length || name[name.Length - domain.Length - 1] == '.');
}
