using CaServer.Domain;

namespace CaServer.Validation.Dns;

/// <summary>
/// Judges the TXT records found for dns-01. As from Boulder, records that are absent or wrong are <c>unauthorized</c>, and a name
/// that cannot be looked up is <c>dns</c>.
/// </summary>
internal sealed class Dns01Answer(string record, string keyAuthorization)
{
    // Values shown in a problem document.
    private const int MaxShown = 3;

    private readonly string _value = Dns01.RecordValue(keyAuthorization);

    /// <summary>Name of the record, without trailing dot.</summary>
    internal string Record => record;

    internal Finding Judge(TextRecords found)
    {
        if (found.Cause is { } cause)
            return Finding.Failed(Missing(cause, found));
        if (found.Count == 0)
            return Finding.Failed(Unauthorized(FailureCause.NoTextRecord, $"{Place(found)} has no TXT record, says {found.Through}.", Publish(found)));
        return found.Values.Contains(_value, StringComparer.Ordinal) ? Finding.Proved(null) : Finding.Failed(Wrong(found));
    }

    internal Failure LocalhostWithoutResolver() => new(
        FailureCause.NoResolver,
        ProblemType.Dns,
        $"{record} could not be looked up: names below .localhost are not in the DNS (RFC 6761), and this CA has no name server configured that would know them.",
        $"The CA's operator must set Validation:Resolvers to such a name server, with a TXT record at {record} that has the value \"{_value}\".");

    private Failure Missing(FailureCause cause, TextRecords found)
    {
        var remedy = cause switch
        {
            FailureCause.NameUnknown => Publish(found),
            FailureCause.DnsError => $"See whether all name servers of the zone answer for it and, if it is signed, whether its DNSSEC signatures are valid; {Wanted}.",
            FailureCause.NoResolver => $"The CA's operator must set Validation:Resolvers; {Wanted}.",
            _ => $"See whether all name servers of the zone answer; {Wanted}.",
        };
        return new Failure(cause, ProblemType.Dns, $"{Place(found)} could not be looked up: {found.Fault}.", Sentence(remedy));
    }

    private Failure Wrong(TextRecords found)
    {
        if (found.Count > found.Values.Count)
        {
            return Unauthorized(
                FailureCause.TooManyTexts,
                $"{Place(found)} has {found.Count} TXT records, of which the first {found.Values.Count} were read and are other values, such as {Shown(found)}.",
                $"Remove those that are left over from earlier orders; {Wanted}.");
        }
        var (cause, hint) = Recognise(found.Values);
        var count = found.Count == 1 ? "one TXT record, with another value" : $"{found.Count} TXT records, all with other values";
        return Unauthorized(cause, $"{Place(found)} has {count}: {Shown(found)}.", hint + Publish(found));
    }

    private (FailureCause Cause, string Hint) Recognise(IReadOnlyList<string> values)
    {
        if (values.Contains(keyAuthorization, StringComparer.Ordinal))
            return (FailureCause.TextNotHashed, "That is the key authorization itself instead of its SHA-256 digest: ");
        if (values.Any(v => v.Trim(' ', '\t', '\r', '\n', '"', '\'').Equals(_value, StringComparison.OrdinalIgnoreCase)))
            return (FailureCause.TextAltered, "The value was altered by quotation marks, blanks or letter case: ");
        return (FailureCause.WrongText, values.All(v => v.Length == Dns01.ValueLength) ? "It looks like a record of another order or account, or an old one that a name server still gives out: " : "");
    }

    // The name as asked, and where it leads.
    private string Place(TextRecords found) => found.Alias is { } alias ? $"{record} (an alias of {Printable.Of(alias)})" : record;

    private string Publish(TextRecords found) => found.Alias is { } alias
        ? $"publish a TXT record with the value \"{_value}\" at {record}, that is at {Printable.Of(alias)} to which it leads."
        : $"publish a TXT record at {record} with the value \"{_value}\".";

    private string Wanted => $"the TXT record wanted is {record} with the value \"{_value}\"";

    private static string Shown(TextRecords found) =>
        string.Join(", ", found.Values.Take(MaxShown).Select(v => $"\"{Printable.Of(v)}\"")) + (found.Count > MaxShown ? $" and {found.Count - MaxShown} more" : "");

    private static Failure Unauthorized(FailureCause cause, string seen, string remedy) =>
        new(cause, ProblemType.Unauthorized, seen, Sentence(remedy));

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
