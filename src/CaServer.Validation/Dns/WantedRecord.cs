using CaServer.Domain;
using CaServer.Validation.Connections;

namespace CaServer.Validation.Dns;

/// <summary>
/// The record that a method wants, and what is said where there is none. As from Boulder, a record that is absent is
/// <c>unauthorized</c>, and a name that cannot be looked up is <c>dns</c>.
/// </summary>
/// <param name="Record">Its name, without trailing dot.</param>
/// <param name="Value">Its value.</param>
/// <param name="Type">Its type, if it is not TXT.</param>
internal sealed record WantedRecord(string Record, string Value, string Type = "TXT")
{
    // Values shown in a problem document.
    private const int MaxShown = 3;

    /// <summary>Why there are no records to judge; null if there are.</summary>
    internal Failure? NoneToJudge(TextRecords found)
    {
        if (found.Cause is { } cause)
            return Missing(cause, found);
        return found.Count == 0
            ? Unauthorized(FailureCause.NoTextRecord, $"{Place(found)} has no {Type} record, says {found.Through}.", Publish(found))
            : null;
    }

    internal Failure LocalhostWithoutResolver() => new(
        FailureCause.NoResolver,
        ProblemType.Dns,
        $"{Record} could not be looked up: names below .localhost are not in the DNS (RFC 6761), and this CA has no name server configured that would know them.",
        $"The CA's operator must set Validation:Resolvers to such a name server, with a {Type} record at {Record} that has the value \"{Value}\".");

    /// <summary>The name as asked, and where it leads.</summary>
    internal string Place(TextRecords found) => found.Alias is { } alias ? $"{Record} (an alias of {Printable.Of(alias)})" : Record;

    /// <summary>What to do, as a clause.</summary>
    internal string Publish(TextRecords found) => found.Alias is { } alias
        ? $"publish a {Type} record with the value \"{Value}\" at {Record}, that is at {Printable.Of(alias)} to which it leads."
        : $"publish a {Type} record at {Record} with the value \"{Value}\".";

    /// <summary>What is wanted, as a clause that ends a sentence.</summary>
    internal string Wanted => $"the {Type} record wanted is {Record} with the value \"{Value}\"";

    internal static string Shown(IReadOnlyList<string> values, int count) =>
        string.Join(", ", values.Take(MaxShown).Select(v => $"\"{Printable.Of(v)}\"")) + (count > MaxShown ? $" and {count - MaxShown} more" : "");

    internal static Failure Unauthorized(FailureCause cause, string seen, string remedy) =>
        new(cause, ProblemType.Unauthorized, seen, Sentence(remedy));

    internal static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private Failure Missing(FailureCause cause, TextRecords found)
    {
        var remedy = cause switch
        {
            FailureCause.NameUnknown => Publish(found),
            FailureCause.DnsError => $"See whether all name servers of the zone answer for it and, if it is signed, whether its DNSSEC signatures are valid; {Wanted}.",
            FailureCause.DnssecBogus => ConnectionFailures.DnssecRemedy,
            FailureCause.NoResolver => $"The CA's operator must set Validation:Resolvers; {Wanted}.",
            _ => $"See whether all name servers of the zone answer; {Wanted}.",
        };
        return new Failure(cause, ProblemType.Dns, $"{Place(found)} could not be looked up: {found.Fault}.", Sentence(remedy));
    }
}
