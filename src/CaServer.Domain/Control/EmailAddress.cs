using System.Diagnostics.CodeAnalysis;

namespace CaServer.Domain;

/// <summary>
/// An e-mail address as one can be written to without further thought (RFC 5321 §4.1.2): a dot-string of ASCII characters at a domain
/// name. No display name, no quoting, no address literal: in those, text that a stranger wrote could mean something else to a mail server.
/// </summary>
public sealed record EmailAddress
{
    private const int MaxLength = 254;
    private const int MaxLocalLength = 64;
    private const string Specials = "!#$%&'*+-/=?^_`{|}~.";

    private EmailAddress(string local, string domain)
    {
        Local = local;
        Domain = domain;
    }

    /// <summary>What stands before the <c>@</c>.</summary>
    public string Local { get; }

    /// <summary>The domain name, lower-case A-labels.</summary>
    public string Domain { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Local}@{Domain}";

    /// <summary>Reads an address.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EmailAddress? address)
    {
        address = null;
        if (text is null || text.Length > MaxLength || text.LastIndexOf('@') is not (> 0 and <= MaxLocalLength and var at))
            return false;
        var local = text[..at];
        if (!local.All(c => char.IsAsciiLetterOrDigit(c) || Specials.Contains(c, StringComparison.Ordinal)) || local.Split('.').Contains("")
            || !Identifier.TryParse(IdentifierType.Dns, text[(at + 1)..], out var domain, out _) || domain.IsWildcard)
        {
            return false;
        }
        address = new EmailAddress(local, domain.Value);
        return true;
    }

    internal static EmailAddress Of(string local, string domain) => new(local, domain);
}
