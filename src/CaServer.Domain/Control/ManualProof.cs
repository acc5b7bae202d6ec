using System.Diagnostics.CodeAnalysis;

namespace CaServer.Domain;

/// <summary>Where the methods that are no ACME challenges want their value, and whom they send it to.</summary>
public static class ManualProof
{
    /// <summary>How long after it was made a value may be answered with (BR §3.2.2.4.4, .7, .13, .14, .18).</summary>
    public static readonly TimeSpan MaxValueLife = TimeSpan.FromDays(30);

    /// <summary>Path of the file (BR §3.2.2.4.18). The value must not be part of the request, so it is the same for all.</summary>
    public const string FilePath = "/.well-known/pki-validation/ca-control.txt";

    /// <summary>What stands before the name in the name of the TXT or CNAME record: BR §3.2.2.4.7 wants a label that begins with an underscore.</summary>
    public const string RecordPrefix = "_ca-control.";

    /// <summary>What stands before the domain in the name of the TXT record with its contact (BR §A.2.1).</summary>
    public const string ContactRecordPrefix = "_validation-contactemail.";

    // BR §3.2.2.4.4.
    private static readonly string[] s_constructed = ["admin", "administrator", "webmaster", "hostmaster", "postmaster"];

    /// <summary>Name of the TXT or CNAME record, without trailing dot; a wildcard's is that of the name below the asterisk.</summary>
    public static string RecordName(Identifier identifier) => RecordPrefix + identifier.Value;

    /// <summary>Where the CNAME record leads to. Only the first label counts; nothing needs to be there.</summary>
    /// <param name="value">The value to publish.</param>
    /// <param name="issuerNames">The domain names by which records may call this CA; the first one is taken.</param>
    public static string AliasTarget(string value, IReadOnlyList<string> issuerNames) => $"{value}.{(issuerNames.Count > 0 ? issuerNames[0] : "invalid")}";

    /// <summary>The addresses at a domain that may be written to without a record that names them (BR §3.2.2.4.4).</summary>
    public static IEnumerable<EmailAddress> ConstructedAt(string domain) => s_constructed.Select(local => EmailAddress.Of(local, domain));

    /// <summary>The domain of a constructed address, if it is one for this name: at the name or at one above it.</summary>
    public static bool IsConstructed(EmailAddress address, Identifier identifier, [NotNullWhen(true)] out Identifier? domain)
    {
        domain = s_constructed.Contains(address.Local, StringComparer.Ordinal) ? Identifier.Dns(address.Domain) : null;
        if (domain is not null && (identifier.Type != IdentifierType.Dns || !NamePolicy.IsAtOrBelow(identifier, domain)))
            domain = null;
        return domain is not null;
    }
}
