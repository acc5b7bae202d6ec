using CaServer.Domain;

namespace CaServer.Validation.Caa;

/// <summary>What a record set is asked.</summary>
/// <param name="Name">The domain name, without asterisk.</param>
/// <param name="Wildcard">Whether for its wildcard.</param>
/// <param name="Method">By which method control is proved (RFC 8657 §4).</param>
/// <param name="AccountUrl">The account (RFC 8657 §3); null if it is not known, which no record that names one permits.</param>
internal sealed record CaaQuestion(string Name, bool Wildcard, ValidationMethod Method, string? AccountUrl)
{
    private const string BrMethodPrefix = "ca-tbr-";

    /// <summary>The name as it would stand in the certificate.</summary>
    internal string Subject => (Wildcard ? "*." : "") + Name;

    /// <summary>
    /// The labels that permit the method: its ACME name, if it has one, and by BR §4.2.2.1 its number in BR §3.2.2.4. Both are lower
    /// case, and no other spelling counts.
    /// </summary>
    internal IReadOnlyList<string> MethodLabels { get; } = LabelsOf(MethodRule.Of(Method));

    private static string[] LabelsOf(MethodRule rule) =>
    [
        .. rule.IsChallenge ? [WireName.Of(rule.Method)] : Array.Empty<string>(),
        .. rule.DnsSection is { } section ? [BrMethodPrefix + section[(section.LastIndexOf('.') + 1)..]] : Array.Empty<string>(),
    ];
}
