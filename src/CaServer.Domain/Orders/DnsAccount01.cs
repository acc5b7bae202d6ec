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
    // RFC 4648 §6, in lower case.
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";
    private const int LabelOctets = 10;
    private const int BitsPerCharacter = 5;

    /// <summary>Characters that stand before the name in the record's name.</summary>
    internal const int PrefixLength = 1 + LabelOctets * 8 / BitsPerCharacter + 1 + 16;

    /// <summary>The account's label: an underscore and the first 80 bits of the SHA-256 value of its URL in base32.</summary>
    public static string Label(string accountUrl)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(accountUrl)).AsSpan(0, LabelOctets);
        var label = new StringBuilder("_");
        for (var bit = 0; bit < LabelOctets * 8; bit += BitsPerCharacter)
        {
            // Five bits that begin in one octet and may end in the next.
            var pair = (digest[bit / 8] << 8) | (bit / 8 + 1 < LabelOctets ? digest[bit / 8 + 1] : 0);
            label.Append(Base32[(pair >> (16 - BitsPerCharacter - bit % 8)) & 0x1f]);
        }
        return label.ToString();
    }

    /// <summary>Name of the TXT record, without trailing dot; its value is that of dns-01.</summary>
    public static string RecordName(Identifier identifier, string accountUrl) => Label(accountUrl) + "." + Dns01.RecordName(identifier);
}
