using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CaServer.Domain;

/// <summary>What dns-01 wants published (RFC 8555 §8.4).</summary>
public static class Dns01
{
    /// <summary>Length of a record's value: a SHA-256 value in base64url.</summary>
    public const int ValueLength = 43;

    /// <summary>What stands before the name in the record's name.</summary>
    internal const string RecordPrefix = "_acme-challenge.";

    /// <summary>Name of the TXT record, without trailing dot; a wildcard's is that of the name below the asterisk.</summary>
    public static string RecordName(Identifier identifier) => RecordPrefix + identifier.Value;

    /// <summary>The value that the TXT record must have for a key authorization.</summary>
    public static string RecordValue(string keyAuthorization) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(keyAuthorization)));
}
