using System.Net;
using CaServer.Domain;

namespace CaServer.Validation.Addresses;

/// <summary>
/// Which addresses a check may connect to, so that whoever orders a certificate cannot use the CA to reach what only the CA can
/// reach. It is asked about the very address that the socket is then connected to.
/// </summary>
internal sealed class AddressPolicy(PolicyPreset preset, IReadOnlyList<IPNetwork> allowed)
{
    /// <summary>Why this address may not be contacted, as a clause that follows the address; null if it may.</summary>
    /// <param name="address">The address.</param>
    /// <param name="forLocalhost">Whether a name at or below <c>.localhost</c> is being proved, which is what loopback is for (RFC 6761 §6.3).</param>
    internal string? Refusal(IPAddress address, bool forLocalhost)
    {
        var found = AddressClass.Of(address);
        var permitted = found.Kind switch
        {
            AddressKind.Forbidden => false,
            AddressKind.Public => true,
            AddressKind.Private => preset == PolicyPreset.Private || IsListed(address),
            AddressKind.Loopback => (preset == PolicyPreset.Private && forLocalhost) || IsListed(address),
            AddressKind.Special => IsListed(address),
        };
        return permitted ? null : "is " + found.Description;
    }

    /// <summary>Whether an operator can permit this address by <c>Validation:AllowedNetworks</c>.</summary>
    internal static bool CanBeListed(IPAddress address) => AddressClass.Of(address).Kind != AddressKind.Forbidden;

    private bool IsListed(IPAddress address)
    {
        var inner = AddressClass.Embedded(address);
        return allowed.Any(n => n.Contains(address) || (inner is not null && n.Contains(inner)));
    }
}
