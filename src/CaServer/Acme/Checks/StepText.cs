using System.Globalization;
using CaServer.Domain;
using CaServer.Validation;
using CaServer.Web;

namespace CaServer.Acme;

/// <summary>The steps of a check in words.</summary>
internal static class StepText
{
    /// <summary>A time since the check began.</summary>
    public static string Milliseconds(double milliseconds) => milliseconds.ToString("#,0.0", CultureInfo.InvariantCulture) + " ms";

    /// <summary>What the last server or record said, to stand beside what was expected of it.</summary>
    public static IEnumerable<string> Received(CheckTrace trace) => trace.Steps.LastOrDefault(s => s is CheckStep.Answered or CheckStep.Texts or CheckStep.AliasLookedUp) switch
    {
        CheckStep.Answered { Body: { Length: > 0 } body } => [body],
        CheckStep.Texts texts => texts.Values,
        CheckStep.AliasLookedUp { Target: { } target } => [target],
        _ => [],
    };

    /// <summary>One step.</summary>
    public static Html Of(CheckStep step) => step switch
    {
        CheckStep.Resolved { Addresses.Count: > 0 } s => Html.Of($"<b>{s.Name}</b> has {Codes(s.Addresses)}, says {s.Through}{But(s.Fault)}; {Words(s.Dnssec)}"),
        CheckStep.Resolved s => Html.Of($"<b>{s.Name}</b> has no address, asked {s.Through}{Colon(s.Fault)}; {Words(s.Dnssec)}"),
        CheckStep.Refused s => Html.Of($"<code>{s.Address}</code> may not be contacted: {s.Reason}"),
        CheckStep.Connected { Fault: null } s => Html.Of($"connected to <code>{s.Address}</code>"),
        CheckStep.Connected s => Html.Of($"no connection to <code>{s.Address}</code>: {s.Fault}"),
        CheckStep.Answered s => Html.Of($"asked <code>{s.Address}</code> for <code>{s.Url}</code>: {Answer(s)}"),
        CheckStep.Redirected s => Html.Of($"{s.Status}, followed to <code>{s.Location}</code>"),
        CheckStep.Shaken { Fault: null } s => Html.Of($"{s.Version} with <code>{s.Address}</code> for {s.ServerName}: protocol {s.Protocol ?? "none"}, certificate with SHA-256 {s.Certificate ?? "none"}"),
        CheckStep.Shaken s => Html.Of($"no TLS with <code>{s.Address}</code> for {s.ServerName}: <code>{s.Fault}</code>"),
        CheckStep.Texts { Fault: null } s => Html.Of($"TXT <b>{s.Name}</b>{Alias(s.Alias)} has {Records(s.Count)}, says {s.Through}{Colon(Codes(s.Values))}; {Words(s.Dnssec)}"),
        CheckStep.Texts s => Html.Of($"TXT <b>{s.Name}</b>{Alias(s.Alias)}, asked {s.Through}: {s.Fault}; {Words(s.Dnssec)}"),
        CheckStep.CaaLookedUp s => Caa(s),
        CheckStep.AliasLookedUp { Target: { } target } s => Html.Of($"CNAME <b>{s.Name}</b> leads to <code>{target}</code>, says {s.Through}; {Words(s.Dnssec)}"),
        CheckStep.AliasLookedUp s => Html.Of($"CNAME <b>{s.Name}</b>: {s.Fault ?? "there is none"}, asked {s.Through}; {Words(s.Dnssec)}"),
        CheckStep.ContactsLookedUp { Fault: null } s => Html.Of($"contacts in {s.Type} of <b>{s.Domain ?? s.Name}</b>, says {s.Through}: {(s.Values.Count == 0 ? Html.OfConstant("none") : Codes(s.Values))}; {Words(s.Dnssec)}"),
        CheckStep.ContactsLookedUp s => Html.Of($"contacts in {s.Type} of <b>{s.Name}</b>, asked {s.Through}: {s.Fault}; {Words(s.Dnssec)}"),
        CheckStep.Omitted s => Html.Of($"{s.Count} steps are not kept, there were so many"),
        // A test has all of them here; a page without the words for one is better than none.
        _ => Html.Of($"{step.GetType().Name}"),
    };

    private static Html Answer(CheckStep.Answered s)
    {
        var status = s.Status is { } code ? Html.Of($"status {code}") : Html.Of($"no HTTP answer");
        var fault = s.Fault is null ? Html.Empty : Html.Of($" (<code>{s.Fault}</code>)");
        var body = string.IsNullOrEmpty(s.Body) ? Html.OfConstant(", empty") : Html.Of($", beginning with <code>{s.Body}</code>");
        return Html.Of($"{status}{fault}{body}");
    }

    private static Html Caa(CheckStep.CaaLookedUp s)
    {
        var found = (s.Set, s.Fault) switch
        {
            (_, { } fault) => Html.Of($"no answer, {fault}"),
            (null, _) => Html.OfConstant("no records up to the root"),
            ({ } set, _) => Html.Of($"<b>{set}</b>{Alias(s.Alias)} has {Records(s.Count)}{Colon(Codes(s.Records))}"),
        };
        var means = s.Result switch
        {
            CaaState.Permitted or CaaState.Absent => Html.OfConstant("this CA may issue"),
            CaaState.Forbidden => Html.OfConstant("this CA may not issue"),
            CaaState.Unanswered or CaaState.Unchecked => Html.OfConstant("nothing is known"),
        };
        var iodef = s.Iodef.Count == 0 ? Html.Empty : Html.Of($"; to be told of refusals: {Codes(s.Iodef)}");
        return Html.Of($"CAA for <b>{s.Name}</b>, asked {s.Through}: {found}, so {means}{iodef}; {Words(s.Dnssec)}");
    }

    private static string Words(DnssecState state) => state switch
    {
        DnssecState.Secure => "DNSSEC vouches for it",
        DnssecState.Insecure => "the zone has no DNSSEC",
        DnssecState.Unchecked => "DNSSEC was not checked",
    };

    private static Html Records(int count) => count == 1 ? Html.OfConstant("1 record") : Html.Of($"{count} records");

    private static Html Alias(string? alias) => alias is null ? Html.Empty : Html.Of($" (alias of <b>{alias}</b>)");

    private static Html But(string? fault) => fault is null ? Html.Empty : Html.Of($", but {fault}");

    private static Html Colon(string? text) => text is null ? Html.Empty : Html.Of($": {text}");

    private static Html Colon(Html text) => text == Html.Empty ? Html.Empty : Html.Of($": {text}");

    private static Html Codes(IReadOnlyList<string> texts) =>
        Html.Concat(texts.Select((text, i) => Html.Of($"{(i == 0 ? "" : ", ")}<code>{text}</code>")));
}
