using DnsClient;
using DnsClient.Protocol;

namespace CaServer.Validation.Dns;

/// <summary>
/// The aliases (CNAME) in an answer. The resolver has followed them, those that DNAME records make among them; here only what stands
/// in the chain from the question counts (RFC 5452 §6).
/// </summary>
internal static class Aliases
{
    // Resolvers give up earlier.
    private const int MaxAliases = 16;

    /// <summary>The name that the chain from a name ends at.</summary>
    internal static string Owner(string name, IReadOnlyList<DnsResourceRecord> records)
    {
        var owner = name;
        var aliases = records.OfType<CNameRecord>().ToList();
        for (var i = 0; i < MaxAliases && aliases.Find(r => IsSame(r.DomainName, owner)) is { } alias; i++)
            owner = alias.CanonicalName.Original;
        return owner;
    }

    internal static bool IsSame(DnsString a, string b) => IsSame(a.Original, b);

    internal static bool IsSame(string a, string b) => a.TrimEnd('.').Equals(b.TrimEnd('.'), StringComparison.OrdinalIgnoreCase);
}
