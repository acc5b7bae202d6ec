using System.Security.Cryptography;
using System.Text;

namespace CaServer.Domain;

/// <summary>
/// Where dns-account-01 wants its record (draft-ietf-acme-dns-account-label): dns-01 with a record name that is the account's own,
/// so that several accounts can keep records, or aliases, for one name. Revisions 00 (which BR §3.2.2.4.21 names) to 03 have the
/// same record.
/// </summary>
public static class DnsAccount01
{
    private const int LabelOctets = 10;

    /// <summary>Characters that stand before the name in the record's name.</summary>
    internal const int PrefixLength = 1 + LabelOctets * 8 / LowerBase32.BitsPerCharacter + 1 + 16;

    /// <summary>The account's label: an underscore and the first 80 bits of the SHA-256 value of its URL in base32.</summary>
    public static string Label(string accountUrl) => "_" + LowerBase32.Of(SHA256.HashData(Encoding.UTF8.GetBytes(accountUrl)).AsSpan(0, LabelOctets));

    /// <summary>Name of the TXT record, without trailing dot; its value is that of dns-01.</summary>
    public static string RecordName(Identifier identifier, string accountUrl) => Label(accountUrl) + "." + Dns01.RecordName(identifier);
}
