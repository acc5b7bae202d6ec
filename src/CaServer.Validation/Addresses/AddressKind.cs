using System.Net;
using System.Net.Sockets;

namespace CaServer.Validation.Addresses;

/// <summary>What an address is for, as far as it matters to whether a check may connect to it.</summary>
internal enum AddressKind
{
    /// <summary>Reachable from the Internet.</summary>
    Public,

    /// <summary>RFC 1918 or RFC 4193.</summary>
    Private,

    /// <summary>This machine.</summary>
    Loopback,

    /// <summary>Set aside for something else: shared, documentation, benchmarks, translation, reserved.</summary>
    Special,

    /// <summary>Never a place that a name is proved at: unspecified, link-local, metadata of a cloud, multicast, broadcast.</summary>
    Forbidden,
}

/// <summary>An address's kind and what it is called.</summary>
internal readonly record struct AddressClass(AddressKind Kind, string Description)
{
    private static readonly (IPNetwork Network, AddressClass Class)[] s_v4 =
    [
        Row("0.0.0.0/8", AddressKind.Forbidden, "an unspecified address"), // RFC 791 §3.2: Linux connects 0.0.0.0 to itself
        Row("10.0.0.0/8", AddressKind.Private, "a private address (RFC 1918)"),
        Row("100.100.100.200/32", AddressKind.Forbidden, "a cloud's metadata address"), // Alibaba Cloud
        Row("100.64.0.0/10", AddressKind.Special, "a shared address (RFC 6598)"),
        Row("127.0.0.0/8", AddressKind.Loopback, "a loopback address"),
        Row("168.63.129.16/32", AddressKind.Forbidden, "a cloud's metadata address"), // Azure
        Row("169.254.0.0/16", AddressKind.Forbidden, "a link-local address"), // RFC 3927; most clouds' metadata
        Row("172.16.0.0/12", AddressKind.Private, "a private address (RFC 1918)"),
        Row("192.0.0.192/32", AddressKind.Forbidden, "a cloud's metadata address"), // Oracle Cloud
        Row("192.0.0.0/24", AddressKind.Special, "a protocol assignment (RFC 6890)"),
        Row("192.0.2.0/24", AddressKind.Special, "a documentation address (RFC 5737)"),
        Row("192.88.99.0/24", AddressKind.Special, "a 6to4 relay address (RFC 7526)"),
        Row("192.168.0.0/16", AddressKind.Private, "a private address (RFC 1918)"),
        Row("198.18.0.0/15", AddressKind.Special, "a benchmarking address (RFC 2544)"),
        Row("198.51.100.0/24", AddressKind.Special, "a documentation address (RFC 5737)"),
        Row("203.0.113.0/24", AddressKind.Special, "a documentation address (RFC 5737)"),
        Row("224.0.0.0/4", AddressKind.Forbidden, "a multicast address"),
        Row("255.255.255.255/32", AddressKind.Forbidden, "the broadcast address"),
        Row("240.0.0.0/4", AddressKind.Special, "a reserved address (RFC 1112)"),
        Row("0.0.0.0/0", AddressKind.Public, "a public address"),
    ];

    private static readonly (IPNetwork Network, AddressClass Class)[] s_v6 =
    [
        Row("::1/128", AddressKind.Loopback, "a loopback address"),
        Row("::/128", AddressKind.Forbidden, "an unspecified address"),
        Row("fe80::/10", AddressKind.Forbidden, "a link-local address"),
        Row("ff00::/8", AddressKind.Forbidden, "a multicast address"),
        Row("fd00:ec2::/32", AddressKind.Forbidden, "a cloud's metadata address"), // Amazon EC2: metadata, DNS, time
        Row("fd20:ce::/32", AddressKind.Forbidden, "a cloud's metadata address"), // Google Cloud
        Row("fd00:c1::/32", AddressKind.Forbidden, "a cloud's metadata address"), // Oracle Cloud
        Row("fd00:42::42/128", AddressKind.Forbidden, "a cloud's metadata address"), // Scaleway
        Row("fc00::/7", AddressKind.Private, "a private address (RFC 4193)"),
        // RFC 8215: the operator of the network decides where in it the IPv4 address stands, so it cannot be judged.
        Row("64:ff9b:1::/48", AddressKind.Forbidden, "a translated address of unknown layout (RFC 8215)"),
        Row("2001:db8::/32", AddressKind.Special, "a documentation address (RFC 3849)"),
        Row("2001::/23", AddressKind.Special, "a protocol assignment (RFC 6890)"), // Teredo, benchmarking and ORCHID among them
        Row("3fff::/20", AddressKind.Special, "a documentation address (RFC 9637)"),
        Row("2000::/3", AddressKind.Public, "a public address"),
        Row("::/0", AddressKind.Special, "an address outside the global unicast range (RFC 4291)"),
    ];

    /// <summary>
    /// The class of an address. One that carries an IPv4 address is of the class of that one, because that is where the packets
    /// end: IPv4-mapped and -compatible (RFC 4291 §2.5.5), NAT64 (RFC 6052), 6to4 (RFC 3056), ISATAP (RFC 5214).
    /// </summary>
    internal static AddressClass Of(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? Find(s_v4, address)
        : Embedded(address) is { } inner ? Find(s_v4, inner)
        : Find(s_v6, address);

    /// <summary>The IPv4 address that packets to this IPv6 address end at, or null.</summary>
    internal static IPAddress? Embedded(IPAddress address)
    {
        Span<byte> b = stackalloc byte[16];
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || !address.TryWriteBytes(b, out _))
            return null;
        var last = new IPAddress(b[12..]);
        if (address.IsIPv4MappedToIPv6)
            return last;
        // ::/96, but for :: and ::1, which are IPv6's own.
        if (b[..12].IndexOfAnyExcept((byte)0) < 0)
            return b[12..15].IndexOfAnyExcept((byte)0) < 0 && b[15] <= 1 ? null : last;
        if (b is [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, ..])
            return last;
        if (b is [0x20, 0x02, ..])
            return new IPAddress(b[2..6]);
        // SIIT (RFC 2765): ::ffff:0:a.b.c.d
        if (b is [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, ..])
            return last;
        return b[8] is 0x00 or 0x02 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe ? last : null;
    }

    private static AddressClass Find((IPNetwork Network, AddressClass Class)[] table, IPAddress address)
    {
        // A scope id does not change where an address belongs, but keeps it from being found in a network.
        var plain = address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes()) : address;
        foreach (var (network, found) in table)
        {
            if (network.Contains(plain))
                return found;
        }
        return new AddressClass(AddressKind.Forbidden, "an address of unknown kind");
    }

    private static (IPNetwork, AddressClass) Row(string network, AddressKind kind, string description) =>
        (IPNetwork.Parse(network), new AddressClass(kind, description));
}
