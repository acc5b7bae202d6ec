using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>What a validation method may prove (BR §3.2.2.4 for domain names, §3.2.2.5 for addresses).</summary>
/// <param name="DnsSection">BR section for a domain name; null if the method cannot prove one.</param>
/// <param name="IpSection">BR section for an address; null if the method cannot prove one.</param>
/// <param name="Wildcard">Whether it proves every name below the one it was used for.</param>
internal readonly record struct MethodRule(string? DnsSection, string? IpSection, bool Wildcard)
{
    /// <summary>The rule of a method.</summary>
    internal static MethodRule Of(ValidationMethod method) => method switch
    {
        // BR §3.2.2.4.19: a file at one host says nothing about the names below it.
        ValidationMethod.Http01 => new("3.2.2.4.19", "3.2.2.5.6", Wildcard: false),
        // BR §3.2.2.4.7: whoever changes a zone controls the names below it; RFC 8738 §7: there is none for addresses.
        ValidationMethod.Dns01 => new("3.2.2.4.7", null, Wildcard: true),
    };

    /// <summary>The BR section by which the method proves an identifier of this type; null if it cannot.</summary>
    internal string? Section(IdentifierType type) => type switch
    {
        IdentifierType.Dns => DnsSection,
        IdentifierType.Ip => IpSection,
    };
}
