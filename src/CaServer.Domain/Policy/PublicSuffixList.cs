using System.Globalization;
using System.Text;

namespace CaServer.Domain;

/// <summary>
/// The Public Suffix List (publicsuffix.org): below which names everybody can register names of their own. Rules as the list's
/// format defines them: a name's suffix is the longest rule that matches, <c>*</c> stands for one label, <c>!</c> takes a name out
/// of a rule with asterisk, and a name that no rule matches has its last label as its suffix.
/// </summary>
public sealed class PublicSuffixList
{
    private const string BeginIcann = "===BEGIN ICANN DOMAINS===";
    private const string EndIcann = "===END ICANN DOMAINS===";

    // By the rule without "!" or "*.": the bits say which forms it has.
    private readonly Dictionary<string, Forms> _rules;
    private readonly Dictionary<string, Forms>.AlternateLookup<ReadOnlySpan<char>> _byName;

    private PublicSuffixList(Dictionary<string, Forms> rules)
    {
        _rules = rules;
        _byName = _rules.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>A list without rules: every name's suffix is its last label.</summary>
    public static PublicSuffixList Empty { get; } = new(new Dictionary<string, Forms>(StringComparer.Ordinal));

    /// <summary>Number of rules.</summary>
    public int Count => _rules.Count;

    /// <summary>Reads the list as it is published, UTF-8 text.</summary>
    /// <exception cref="FormatException">A line is no rule, or there are none.</exception>
    public static PublicSuffixList Parse(IEnumerable<string> lines)
    {
        var rules = new Dictionary<string, Forms>(StringComparer.Ordinal);
        var idn = new IdnMapping { AllowUnassigned = true, UseStd3AsciiRules = false };
        var (icann, number) = (false, 0);
        foreach (var line in lines)
        {
            number++;
            if (line.StartsWith("//", StringComparison.Ordinal))
            {
                icann = (icann || line.Contains(BeginIcann, StringComparison.Ordinal)) && !line.Contains(EndIcann, StringComparison.Ordinal);
                continue;
            }
            // Each line is only read up to the first white space.
            var rule = line.Split([' ', '\t', '\r'], 2)[0];
            if (rule.Length == 0)
                continue;
            var (name, form) = rule switch
            {
                ['!', .. var rest] => (rest, Forms.Exception),
                ['*', '.', .. var rest] => (rest, Forms.Wildcard),
                _ => (rule, Forms.Exact),
            };
            try
            {
                if (!Ascii.IsValid(name))
                    name = idn.GetAscii(name);
            }
            catch (ArgumentException e)
            {
                throw new FormatException($"line {number} ('{Shown(rule)}') is no rule of a public suffix list", e);
            }
            name = name.ToLowerInvariant();
            if (!Identifier.TryParse(IdentifierType.Dns, name, out _, out _))
                throw new FormatException($"line {number} ('{Shown(rule)}') is no rule of a public suffix list");
            rules[name] = rules.GetValueOrDefault(name) | form | (icann ? IcannOf(form) : Forms.None);
        }
        return rules.Count > 0 ? new PublicSuffixList(rules) : throw new FormatException("there are no rules in it");
    }

    /// <summary>
    /// The registered domain that a name belongs to: its public suffix and one label more. Null if the name is a public suffix
    /// itself. All sections of the list count, so that the customers of a hosting provider are told apart.
    /// </summary>
    /// <param name="name">A domain name, lower-case A-labels, without asterisk.</param>
    public string? RegisteredDomain(string name)
    {
        var suffix = SuffixStart(name, Forms.Exact, Forms.Wildcard, Forms.Exception);
        if (suffix == 0)
            return null;
        var dot = name.LastIndexOf('.', suffix - 2);
        return dot < 0 ? name : name[(dot + 1)..];
    }

    /// <summary>
    /// Whether a registry controls the name, so that a wildcard directly below it would cover names of many owners (BR §3.2.2.6).
    /// Only the section of ICANN domains counts, as BR §3.2.2.6 recommends: a private suffix is its owner's to certify.
    /// </summary>
    public bool IsRegistryControlled(string name) =>
        SuffixStart(name, Forms.IcannExact, Forms.IcannWildcard, Forms.IcannException) == 0;

    // Where in the name its public suffix begins.
    private int SuffixStart(string name, Forms exact, Forms wildcard, Forms exception)
    {
        // From the whole name to its last label: the first match is the longest.
        var previous = -1;
        for (var start = 0; ; start = name.IndexOf('.', start) + 1)
        {
            if (_byName.TryGetValue(name.AsSpan(start), out var forms))
            {
                // An exception's suffix is the rule without its first label.
                if ((forms & exception) != 0)
                    return name.IndexOf('.', start) + 1;
                if ((forms & wildcard) != 0 && previous >= 0)
                    return previous;
                if ((forms & exact) != 0)
                    return start;
            }
            previous = start;
            if (name.IndexOf('.', start) < 0)
                return start;
        }
    }

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private static Forms IcannOf(Forms form) => form switch
    {
        Forms.Exact => Forms.IcannExact,
        Forms.Wildcard => Forms.IcannWildcard,
        _ => Forms.IcannException,
    };

    [Flags]
    private enum Forms : byte
    {
        None = 0,
        Exact = 1,
        Wildcard = 2,
        Exception = 4,
        IcannExact = 8,
        IcannWildcard = 16,
        IcannException = 32,
    }
}
