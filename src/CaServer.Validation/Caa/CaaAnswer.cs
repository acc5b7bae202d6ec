using CaServer.Domain;
using CaServer.Validation.Dns;

namespace CaServer.Validation.Caa;

/// <summary>Judges a CAA record set (RFC 8659 §4, RFC 8657). Of several records one that permits is enough; one that breaks the syntax permits nothing.</summary>
internal sealed class CaaAnswer(IReadOnlyList<string> issuerNames, CaaQuestion question)
{
    private const string Issue = "issue";
    private const string IssueWild = "issuewild";
    private const string AccountUri = "accounturi";
    private const string ValidationMethods = "validationmethods";

    // Records shown in a problem document.
    private const int MaxShown = 3;

    // The properties of IANA's registry. The last five say something to others than who issues a certificate for a server.
    private static readonly string[] s_known = [Issue, IssueWild, "iodef", "contactemail", "contactphone", "issuemail", "issuevmc"];

    /// <summary>Why the set forbids this CA to issue; null if it does not.</summary>
    internal Failure? Refusal(CaaRecordSet set)
    {
        if (set.Records.FirstOrDefault(r => r.IsCritical && !s_known.Contains(r.Tag)) is { } critical)
            return Critical(set, critical);
        // RFC 8659 §4.3: for a wildcard issuewild records stand in place of issue records.
        var tag = question.Wildcard && set.Values(IssueWild).Any() ? IssueWild : Issue;
        var values = set.Values(tag).ToList();
        // RFC 8659 §4.2: a set without any restricts nobody.
        if (values.Count == 0)
            return null;

        var ours = new List<(string Text, FailureCause? Cause, string Clause)>();
        foreach (var text in values)
        {
            var value = IssueValue.Read(text);
            if (issuerNames.Contains(value.Issuer, StringComparer.Ordinal))
                ours.Add(Judge(text, value));
        }
        if (ours.Count == 0)
            return OtherIssuers(set, tag, values);
        return ours.Exists(o => o.Cause is null) ? null : NotThisTime(set, tag, ours[0].Text, ours[0].Cause!.Value, ours[0].Clause);
    }

    private (string Text, FailureCause? Cause, string Clause) Judge(string text, IssueValue value)
    {
        if (value.Fault is { } fault)
            return (text, FailureCause.CaaMalformed, fault);
        // RFC 8657 §3, §4: a parameter that stands twice cannot be met.
        foreach (var tag in (string[])[AccountUri, ValidationMethods])
        {
            if (value.Of(tag).Count > 1)
                return (text, FailureCause.CaaMalformed, $"has the parameter {tag} twice");
        }
        if (value.Of(AccountUri) is [var account] && account != question.AccountUrl)
            return (text, FailureCause.CaaOtherAccount, "permits another account only");
        return value.Of(ValidationMethods) is [var methods] && !methods.Split(',').Intersect(question.MethodLabels, StringComparer.Ordinal).Any()
            ? (text, FailureCause.CaaOtherMethod, $"does not permit {WireName.Of(question.Method)}")
            : (text, null, "");
    }

    private Failure Critical(CaaRecordSet set, CaaProperty record) => Refuse(
        FailureCause.CaaCritical,
        $"{Place(set)} has the critical CAA record {record.Shown}, of a kind that this CA does not know.",
        $"Remove the record, or set its flags to 0 if CAs that do not know it may issue for {question.Subject}.");

    private Failure OtherIssuers(CaaRecordSet set, string tag, List<string> values)
    {
        var nobody = values.TrueForAll(v => IssueValue.Read(v) is { Issuer.Length: 0, Fault: null });
        var seen = nobody
            ? $"{Place(set)} has the CAA record {Shown(tag, values)}, which permits no CA to issue for {question.Subject}."
            : $"{Place(set)} has CAA records that permit other CAs only: {Shown(tag, values)}.";
        return Refuse(nobody ? FailureCause.CaaNoIssuer : FailureCause.CaaOtherIssuer, seen, Publish(set, tag));
    }

    private Failure NotThisTime(CaaRecordSet set, string tag, string text, FailureCause cause, string clause)
    {
        var remedy = cause switch
        {
            FailureCause.CaaOtherAccount when question.AccountUrl is { } url => $"Use the account that the record names, or let it name this one: accounturi={url}.",
            FailureCause.CaaOtherMethod => $"Use a method that the record permits, or add {question.MethodLabels[0]} to its validationmethods.",
            _ => Publish(set, tag),
        };
        return Refuse(cause, $"{Place(set)} has a CAA record for this CA that {clause}: {Shown(tag, [text])}.", remedy);
    }

    private string Publish(CaaRecordSet set, string tag) => issuerNames.Count > 0
        ? $"If this CA may issue for {question.Subject}, add a CAA record at {(set.Alias is { } alias ? Printable.Of(alias) : set.Set)}: 0 {tag} \"{issuerNames[0]}\"."
        : "The CA's operator must set Acme:CaaIdentities, so that CAA records can name this CA.";

    private static string Place(CaaRecordSet set) => set.Alias is { } alias ? $"{set.Set} (an alias of {Printable.Of(alias)})" : set.Set!;

    private static string Shown(string tag, List<string> values) =>
        string.Join(", ", values.Take(MaxShown).Select(v => $"0 {tag} \"{Printable.Of(v)}\"")) + (values.Count > MaxShown ? $" and {values.Count - MaxShown} more" : "");

    private static Failure Refuse(FailureCause cause, string seen, string remedy) => new(cause, ProblemType.Caa, seen, remedy);
}
