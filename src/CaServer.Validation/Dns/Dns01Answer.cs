using CaServer.Domain;

namespace CaServer.Validation.Dns;

/// <summary>Judges the TXT records found for dns-01 and dns-account-01.</summary>
internal sealed class Dns01Answer(string record, string keyAuthorization)
{
    /// <summary>The record.</summary>
    internal WantedRecord Wanted { get; } = new(record, Dns01.RecordValue(keyAuthorization));

    internal Finding Judge(TextRecords found)
    {
        if (Wanted.NoneToJudge(found) is { } none)
            return Finding.Failed(none);
        return found.Values.Contains(Wanted.Value, StringComparer.Ordinal) ? Finding.Proved(new Proof()) : Finding.Failed(Wrong(found));
    }

    private Failure Wrong(TextRecords found)
    {
        if (found.Count > found.Values.Count)
        {
            return WantedRecord.Unauthorized(
                FailureCause.TooManyTexts,
                $"{Wanted.Place(found)} has {found.Count} TXT records, of which the first {found.Values.Count} were read and are other values, such as {Shown(found)}.",
                $"Remove those that are left over from earlier orders; {Wanted.Wanted}.");
        }
        var (cause, hint) = Recognise(found.Values);
        var count = found.Count == 1 ? "one TXT record, with another value" : $"{found.Count} TXT records, all with other values";
        return WantedRecord.Unauthorized(cause, $"{Wanted.Place(found)} has {count}: {Shown(found)}.", hint + Wanted.Publish(found));
    }

    private (FailureCause Cause, string Hint) Recognise(IReadOnlyList<string> values)
    {
        if (values.Contains(keyAuthorization, StringComparer.Ordinal))
            return (FailureCause.TextNotHashed, "That is the key authorization itself instead of its SHA-256 digest: ");
        if (values.Any(v => v.Trim(' ', '\t', '\r', '\n', '"', '\'').Equals(Wanted.Value, StringComparison.OrdinalIgnoreCase)))
            return (FailureCause.TextAltered, "The value was altered by quotation marks, blanks or letter case: ");
        return (FailureCause.WrongText, values.All(v => v.Length == Dns01.ValueLength) ? "It looks like a record of another order or account, or an old one that a name server still gives out: " : "");
    }

    private static string Shown(TextRecords found) => WantedRecord.Shown(found.Values, found.Values.Count);
}
