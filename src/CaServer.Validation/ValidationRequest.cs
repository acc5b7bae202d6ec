using System.Buffers.Text;
using CaServer.Domain;

namespace CaServer.Validation;

/// <summary>What a perspective is asked to check.</summary>
public sealed record ValidationRequest
{
    /// <summary>RFC 8555 §8.1: at least 128 bits, which take 22 base64url characters.</summary>
    private const int MinTokenLength = 22;

    private const int MaxTokenLength = 128;

    private const int MaxAccountUrlLength = 1024;

    /// <summary>A SHA-256 value in base64url (RFC 7638).</summary>
    private const int ThumbprintLength = 43;

    /// <summary>The name or address to check; not a wildcard.</summary>
    public required Identifier Identifier { get; init; }

    /// <summary>The method.</summary>
    public required ValidationMethod Method { get; init; }

    /// <summary>The challenge's token, or the random value of the request.</summary>
    public required string Token { get; init; }

    /// <summary>RFC 7638 thumbprint of the account key, base64url.</summary>
    public required string Thumbprint { get; init; }

    /// <summary>The account's URL; needed by the methods that are bound to it.</summary>
    public string? AccountUrl { get; init; }

    /// <summary>The thumbprints of keys that the account had before, newest first: a record that stays may go back to one.</summary>
    public IReadOnlyList<string> EarlierThumbprints { get; init; } = [];

    /// <summary>Whether the names below are wanted too: for a wildcard, or for an authorization of a domain (RFC 9444).</summary>
    public bool NamesBelow { get; init; }

    /// <summary>Whether it is for a wildcard, about which CAA may say otherwise than about the name (RFC 8659 §4.3).</summary>
    public bool Wildcard { get; init; }

    /// <summary>When the request was made, in seconds since the epoch; of the methods that are no ACME challenges.</summary>
    public long? ValueCreatedAt { get; init; }

    /// <summary>Whom the value was sent to, if the method sends it.</summary>
    public string? Recipient { get; init; }

    /// <summary>The value that came back from the recipient; null if none has.</summary>
    public string? Answer { get; init; }

    /// <summary>What the request was about, if the method is no ACME challenge.</summary>
    internal ControlTerms Terms => new()
    {
        Method = Method,
        Token = Token,
        AccountUrl = AccountUrl!,
        Identifier = Wildcard ? Identifier.WithWildcard() : Identifier,
        Recipient = Recipient,
        CreatedAt = ValueCreatedAt!.Value,
    };

    /// <summary>The key authorization that the name must answer with (RFC 8555 §8.1).</summary>
    public string KeyAuthorization => Challenge.KeyAuthorization(Token, Thumbprint);

    /// <summary>
    /// Why no perspective can act on this, as a clause; null if one can. The request comes out of a database that the
    /// perspective need not trust, and the token becomes part of a URL.
    /// </summary>
    internal string? Fault(PerspectiveSettings settings)
    {
        if (Identifier.IsWildcard)
            return "a wildcard is proved by the name below its asterisk";
        if (!MethodRule.Of(Method).MayServe(Identifier))
            return $"{WireName.Of(Method)} cannot prove {Identifier}";
        if (NamesBelow && !MethodRule.Of(Method).MayServeNamesBelow)
            return $"{WireName.Of(Method)} cannot prove names below {Identifier}";
        if (MethodRule.Of(Method).BoundToAccountUrl && AccountUrl is not { Length: > 0 and <= MaxAccountUrlLength })
            return "the account's URL is not given";
        if (!MethodRule.Of(Method).IsChallenge && ValueCreatedAt is null)
            return "it is not said when the value was made";
        if (MethodRule.Of(Method).IsEmail && !EmailAddress.TryParse(Recipient, out _))
            return "the recipient is not an e-mail address";
        if (Method == ValidationMethod.DnsPersist01 && settings.IssuerNames.Count == 0)
            return "this perspective does not know by which names a record may call the CA";
        if (Token.Length is < MinTokenLength or > MaxTokenLength || !IsBase64Url(Token))
            return "the token is not 128 or more bits in base64url";
        return EarlierThumbprints.Append(Thumbprint).All(t => t.Length == ThumbprintLength && IsBase64Url(t)) ? null : "a thumbprint is not a SHA-256 value in base64url";
    }

    private static bool IsBase64Url(string text) => !text.Any(char.IsWhiteSpace) && Base64Url.IsValid(text) && !text.Contains('=', StringComparison.Ordinal);
}
