using System.Globalization;
using CaServer.Domain;
using CaServer.Storage;
using CaServer.Validation;
using CaServer.Web;

namespace CaServer.Acme;

/// <summary>What was done to check an authorization, for people: what failed and what to change first, then step by step.</summary>
internal static class ChecksPage
{
    /// <summary>The page about an authorization.</summary>
    public static HtmlPage Of(Authorization authorization, ILookup<ChallengeId, PerspectiveCheck> checks, DateTimeOffset now)
    {
        var name = authorization.Identifier.ToString();
        var status = authorization.StatusAt(now);
        var answered = authorization.Challenges.Where(c => c.Status != ChallengeStatus.Pending).ToList();
        return new HtmlPage($"Checks of {name}", Html.Of(
            $"""
            <p>{Verdict(authorization, status, answered)}</p>
            {Html.Concat(answered.Select(c => Section(c, checks[c.Id])))}
            <p class="faint">Whoever has this page's link can read it. It goes when the authorization and its orders are deleted.
            Its contents as JSON: ask with <code>Accept: application/json</code>.</p>
            """));
    }

    /// <summary>The page at a link that leads nowhere.</summary>
    public static HtmlPage NotFound() => new(
        "No such checks",
        Html.OfConstant("<p>This link is incomplete, or what it led to was deleted because it is past its time. Use the link as it stands in your ACME client's message.</p>"),
        StatusCodes.Status404NotFound);

    private static Html Verdict(Authorization authorization, AuthorizationStatus status, List<Challenge> answered) => status switch
    {
        AuthorizationStatus.Valid => Html.Of($"""<strong class="good">Proved.</strong> The account may have certificates for the name until {Time(authorization.Expires)}."""),
        AuthorizationStatus.Invalid when answered.Count > 0 => Html.OfConstant("""<strong class="bad">Not proved.</strong> Change what is said below, then have your ACME client try again: it places a new order."""),
        AuthorizationStatus.Pending when answered.Count > 0 => Html.OfConstant("<strong>Being checked.</strong> If an attempt failed, another follows by itself; load this page again in a few seconds."),
        AuthorizationStatus.Pending => Html.OfConstant("<strong>Not checked yet.</strong> No challenge was answered so far."),
        AuthorizationStatus.Invalid or AuthorizationStatus.Expired => Html.Of($"<strong>Run out</strong> at {Time(authorization.Expires)}. Place a new order if the name is still needed."),
        AuthorizationStatus.Deactivated => Html.OfConstant("<strong>Given up</strong> by its owner. Place a new order if the name is still needed."),
        AuthorizationStatus.Revoked => Html.OfConstant("<strong>Taken away</strong> by the operator of this server."),
    };

    private static Html Section(Challenge challenge, IEnumerable<PerspectiveCheck> checks)
    {
        // The latest says how things are; those before it are folded away.
        var latestFirst = checks.GroupBy(c => c.Attempt).OrderByDescending(g => g.Max(c => c.At)).ToList();
        var before = latestFirst.Skip(1).SelectMany(g => g).ToList();
        return Html.Of(
            $"""
            <h2>{WireName.Of(challenge.Method)}: {WireName.Of(challenge.Status)}</h2>
            {(latestFirst.Count == 0 && challenge.Error is { } error ? Html.Of($"<p>{error.Detail}</p>") : Html.Empty)}
            {Html.Concat(latestFirst.Take(1).SelectMany(g => g).Select(Article))}
            {(before.Count == 0 ? Html.Empty : Html.Of($"<details><summary>Earlier checks: {before.Count}</summary>\n{Html.Concat(before.Select(Article))}</details>"))}
            """);
    }

    private static Html Article(PerspectiveCheck check)
    {
        var trace = Trace(check);
        var what = check.Attempt == PerspectiveCheck.CaaRenewal ? $"CAA of {check.Identifier} again" : string.Create(CultureInfo.InvariantCulture, $"Attempt {check.Attempt}");
        return Html.Of(
            $"""
            <article class="{(check.Passed ? "passed" : "failed")}">
            <h3>{what}, perspective {check.Perspective}: {(check.Passed ? Html.OfConstant("""<span class="good">passed</span>""") : Html.OfConstant("""<span class="bad">failed</span>"""))}</h3>
            {(check.Passed ? Html.Empty : Html.Of($"<p>{check.Diagnosis}</p>\n<p><strong>{check.Remedy}</strong></p>"))}
            <dl>
            {Pair("Time", Html.Of($"{Time(check.At)}{(trace is null ? "" : ", after " + StepText.Milliseconds(trace.Milliseconds))}"))}
            {(check.Cause is { } cause ? Pair("Cause", Html.Of($"<code>{cause}</code>")) : Html.Empty)}
            {(trace?.Place is { } place ? Pair("Looked at", Html.Of($"{place}")) : Html.Empty)}
            {(trace?.Expected is { } expected ? Pair("Expected", Html.Of($"<code>{expected}</code>")) : Html.Empty)}
            {(trace is null || check.Passed ? Html.Empty : Html.Concat(StepText.Received(trace).Select(text => Pair("Received", Html.Of($"<code>{text}</code>")))))}
            </dl>
            {(trace is null ? Html.OfConstant("<p>The steps were written by another version of this server and cannot be shown.</p>") : Steps(trace))}
            </article>
            """);
    }

    private static Html Steps(CheckTrace trace) => trace.Steps.Count == 0
        ? Html.Empty
        : Html.Of($"<ol class=\"steps\">\n{Html.Concat(trace.Steps.Select(s => Html.Of($"<li><span class=\"faint\">{StepText.Milliseconds(s.At)}</span><span>{StepText.Of(s)}</span></li>\n")))}</ol>");

    private static Html Pair(string term, Html value) => Html.Of($"<dt>{term}</dt><dd>{value}</dd>");

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    // Several versions may run during an upgrade, and a newer one may know steps that this one does not.
    private static CheckTrace? Trace(PerspectiveCheck check)
    {
        try
        {
            return CheckTrace.Decode(check.Trace);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
