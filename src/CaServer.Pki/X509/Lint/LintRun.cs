using System.Formats.Asn1;
using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>Asks rules and collects what they find.</summary>
internal static class LintRun
{
    internal static List<LintFinding> Apply<T>(T subject, PolicyPreset preset, params ReadOnlySpan<LintRule<T>[]> groups)
    {
        var findings = new List<LintFinding>();
        foreach (var group in groups)
        {
            foreach (var rule in group)
            {
                if ((!rule.OnlyWebPki || preset == PolicyPreset.WebPki) && Ask(rule, subject) is { } detail)
                    findings.Add(new LintFinding(rule.Name, rule.Severity, rule.Citation, detail));
            }
        }
        return findings;
    }

    private static string? Ask<T>(LintRule<T> rule, T subject)
    {
        try
        {
            return rule.Find(subject);
        }
        catch (Exception e) when (e is AsnContentException or ArgumentOutOfRangeException)
        {
            // Not DER of the type expected, or a time at the edge of what a DateTimeOffset can be moved by.
            return "What the rule looks at is malformed.";
        }
    }
}
