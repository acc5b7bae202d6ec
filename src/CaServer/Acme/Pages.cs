using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Web;

namespace CaServer.Acme;

/// <summary>The pages that answers link to: the website, the terms of service, the limits. Plain, without scripts or images.</summary>
internal static class Pages
{
    /// <summary>Maps <c>/</c>, <c>/terms</c> and <c>/limits</c>.</summary>
    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", Home);
        routes.MapGet("/terms", Terms);
        routes.MapGet("/limits", Limits);
    }

    private static HtmlPage Home(FrontEndSettings settings) => new(
        "Certificate authority",
        Html.Of($"""
        <p>This is an ACME certificate authority (RFC 8555). Point an ACME client at its directory:</p>
        <p><code>{settings.Urls.Directory}</code></p>
        <p>Clients must trust its <a href="/ca/root.pem">root certificate</a>. Use is subject to the <a href="/terms">terms of service</a>.</p>
        """));

    private static HtmlPage Terms() => new(
        "Terms of service",
        Html.OfConstant("""
        <p>Who asks this certificate authority for a certificate agrees:</p>
        <ol>
        <li>to ask only for names that they control or may act for;</li>
        <li>to keep the private key to themselves, and to have the certificate revoked at once if it may have become known to others,
        or if a name in it is no longer theirs;</li>
        <li>to use the certificate only for the names in it and only lawfully;</li>
        <li>that the certificate may be revoked if these terms were broken or the certificate should not have been issued.</li>
        </ol>
        <p>The operator of this server may have further terms; ask them.</p>
        """));

    private static HtmlPage Limits(CaServerSettings settings) => new(
        "Limits",
        Html.Of($"""
        <p>So that one client cannot take the server from the others, these are limited:</p>
        {List(settings.Limits.Defaults)}
        <p>What was used comes back bit by bit: half of a limit after half of its time. A request that is refused is not counted;
        its answer says when to try again. Certificates count when an order is finalized. Renewals that name the certificate that
        they replace (RFC 9773) count neither as orders nor as certificates. The operator of this server may make exceptions.</p>
        """));

    private static Html List(LimitDefaults limits)
    {
        var lines = limits.Rates.OrderBy(r => r.Key).Select(r => $"{WireName.Of(r.Key)}: {r.Value.Count} in {RateLimited.Words(r.Value.Period)}"
            + (r.Value.Burst == r.Value.Count ? "" : $", at most {r.Value.Burst} at once")).ToList();
        if (limits.MaxPending is { } pending)
            lines.Add($"{WireName.Of(LimitKind.PendingAuthorizations)}: {pending} at the same time");
        return lines.Count == 0
            ? Html.OfConstant("<p>Nothing at present.</p>")
            : Html.Of($"<ul>\n{Html.Concat(lines.Select(l => Html.Of($"<li>{l}</li>\n")))}</ul>");
    }
}
