using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CaServer.Domain;

/// <summary>
/// What dns-persist-01 wants published (draft-ietf-acme-dns-persist-02, BR §3.2.2.4.22): one TXT record that stays, and names this
/// CA and the account that may have certificates.
/// </summary>
public static class DnsPersist01
{
    /// <summary>Most issuer names in a challenge (draft §3.1).</summary>
    public const int MaxIssuerNames = 10;

    /// <summary>How long a look at the record may be relied on (BR §3.2.2.4.22).</summary>
    public static readonly TimeSpan MaxReuse = TimeSpan.FromDays(10);

    /// <summary>What stands before the name in the record's name.</summary>
    internal const string RecordPrefix = "_validation-persist.";

    /// <summary>The parameter that names the account.</summary>
    public const string AccountUriTag = "accounturi";

    /// <summary>The parameter that says how far the permission reaches.</summary>
    public const string PolicyTag = "policy";

    /// <summary>The policy that extends it to all names below.</summary>
    public const string WildcardPolicy = "wildcard";

    /// <summary>The parameter with the end of the permission, seconds since the epoch.</summary>
    public const string UntilTag = "persistUntil";

    /// <summary>The one hash algorithm in use, by its name in the registry of RFC 6920 §9.4.</summary>
    public const string HashAlgorithm = "sha-256";

    // Draft §4.1: instead of the name, so that one value serves all of the owner's names.
    private const string AnyName = "*";

    /// <summary>Name of the TXT record, without trailing dot; a wildcard's is that of the name below the asterisk.</summary>
    public static string RecordName(Identifier identifier) => RecordPrefix + identifier.Value;

    /// <summary>
    /// The account URIs that stand for an account in the record of one name (draft §4.1): for this name, and for any.
    /// </summary>
    /// <param name="hashPrefix">The directory's <c>accountHashPrefix</c>.</param>
    /// <param name="identifier">The name at which the record stands.</param>
    /// <param name="thumbprint">RFC 7638 thumbprint of a key of the account, base64url.</param>
    /// <param name="accountUrl">The account's URL.</param>
    public static (string ForName, string ForAnyName) AccountUris(string hashPrefix, Identifier identifier, string thumbprint, string accountUrl) =>
        (Hashed(hashPrefix, identifier.Value, thumbprint, accountUrl), Hashed(hashPrefix, AnyName, thumbprint, accountUrl));

    /// <summary>The value of a record, in the syntax of CAA (RFC 8659 §4.2).</summary>
    public static string RecordValue(string issuerName, string accountUri, bool namesBelow) =>
        $"{issuerName}; {AccountUriTag}={accountUri}" + (namesBelow ? $"; {PolicyTag}={WildcardPolicy}" : "");

    // The length makes the borders of the parts unambiguous; the thumbprint always has 43 characters.
    private static string Hashed(string prefix, string name, string thumbprint, string accountUrl) =>
        prefix + HashAlgorithm + "/" + Base64Url.EncodeToString(SHA256.HashData([(byte)name.Length, .. Encoding.ASCII.GetBytes(name + thumbprint + accountUrl)]));
}
