namespace CaServer.Validation.Dns;

/// <summary>A value in the syntax of CAA's <c>issue</c> property (RFC 8659 §4.2).</summary>
/// <param name="Issuer">The issuer's domain name in lower case; empty if the value names none.</param>
/// <param name="Parameters">The parameters in their order, tags as written; the same tag may stand in it more than once.</param>
/// <param name="Fault">What breaks the syntax after the issuer's name, as a clause; null if nothing does.</param>
internal sealed record IssueValue(string Issuer, IReadOnlyList<(string Tag, string Value)> Parameters, string? Fault)
{
    // WSP of RFC 5234.
    private static readonly char[] s_blanks = [' ', '\t'];

    /// <summary>
    /// Reads a value. What comes before the first semicolon is told even if what follows is not well formed, so that it can be said
    /// whose broken record it is.
    /// </summary>
    internal static IssueValue Read(string text)
    {
        var parts = text.Split(';');
        var issuer = parts[0].Trim(s_blanks).ToLowerInvariant();
        if (issuer.Length > 0 && !issuer.Split('.').All(l => IsLabels(l)))
            return new IssueValue("", [], "does not begin with an issuer's domain name");
        var parameters = new List<(string, string)>();
        // A semicolon with nothing behind it is allowed after the issuer only.
        if (parts.Length == 2 && parts[1].Trim(s_blanks).Length == 0)
            return new IssueValue(issuer, parameters, null);
        foreach (var part in parts.Skip(1))
        {
            var parameter = part.Trim(s_blanks);
            if (parameter.Length == 0)
                return new IssueValue(issuer, parameters, "has an empty parameter or ends with a semicolon");
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                return new IssueValue(issuer, parameters, "has a parameter without an equals sign");
            var (tag, value) = (parameter[..equals].TrimEnd(s_blanks), parameter[(equals + 1)..].TrimStart(s_blanks));
            if (!IsLabels(tag))
                return new IssueValue(issuer, parameters, "has a parameter whose tag is not letters and digits");
            if (!value.All(c => c is >= '!' and <= '~'))
                return new IssueValue(issuer, parameters, $"has blanks or characters outside ASCII in the parameter {tag}");
            parameters.Add((tag, value));
        }
        return new IssueValue(issuer, parameters, null);
    }

    /// <summary>The values of the parameters with this tag, letter case aside (RFC 8659 §4.1).</summary>
    internal IReadOnlyList<string> Of(string tag) =>
        [.. Parameters.Where(p => p.Tag.Equals(tag, StringComparison.OrdinalIgnoreCase)).Select(p => p.Value)];

    // Letters and digits, with hyphens between them.
    private static bool IsLabels(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && text[0] != '-' && text[^1] != '-';
}
