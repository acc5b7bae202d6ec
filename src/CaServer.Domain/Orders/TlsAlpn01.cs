using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace CaServer.Domain;

/// <summary>What tls-alpn-01 asks for and wants presented (RFC 8737 §3, RFC 8738 §6).</summary>
public static class TlsAlpn01
{
    /// <summary>The application protocol, the only one that is offered.</summary>
    public const string Protocol = "acme-tls/1";

    /// <summary>The extension id-pe-acmeIdentifier.</summary>
    public const string IdentifierOid = "1.3.6.1.5.5.7.1.31";

    /// <summary>The server name that is asked for: the name itself, for an address its name in the reverse zone.</summary>
    public static string ServerName(Identifier identifier) => identifier.Type switch
    {
        IdentifierType.Dns => identifier.Value,
        IdentifierType.Ip => ReverseName(IPAddress.Parse(identifier.Value)),
    };

    /// <summary>The 32 octets that the extension must hold for a key authorization.</summary>
    public static byte[] Digest(string keyAuthorization) => SHA256.HashData(Encoding.ASCII.GetBytes(keyAuthorization));

    // RFC 1035 §3.5 and RFC 3596 §2.5: octets or nibbles, the last one first.
    private static string ReverseName(IPAddress address)
    {
        var octets = address.GetAddressBytes().Reverse();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? string.Join('.', octets) + ".in-addr.arpa"
            : string.Join('.', octets.Select(o => $"{o & 0xf:x}.{o >> 4:x}")) + ".ip6.arpa";
    }
}
