using System.Text;
using CaServer.Configuration;
using CaServer.Domain;

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

    private static IResult Home(FrontEndSettings settings) => Page(
        "Certificate authority",
        $"""
        <p>This is an ACME certificate authority (RFC 8555). Point an ACME client at its directory:</p>
        <p><code>{settings.Urls.Directory}</code></p>
        <p>Clients must trust its <a href="/ca/root.pem">root certificate</a>. Use is subject to the <a href="/terms">terms of service</a>.</p>
        """);

    private static IResult Terms() => Page(
        "Terms of service",
        """
        <p>Who asks this certificate authority for a certificate agrees:</p>
        <ol>
        <li>to ask only for names that they control or may act for;</li>
        <li>to keep the private key to themselves, and to have the certificate revoked at once if it may have become known to others,
        or if a name in it is no longer theirs;</li>
        <li>to use the certificate only for the names in it and only lawfully;</li>
        <li>that the certificate may be revoked if these terms were broken or the certificate should not have been issued.</li>
        </ol>
        <p>The operator of this server may have further terms; ask them.</p>
        """);

    private static IResult Limits(CaServerSettings settings) => Page(
        "Limits",
        $"""
        <p>So that one client cannot take the server from the others, these are limited:</p>
        {List(settings.Limits.Defaults)}
        <p>What was used comes back bit by bit: half of a limit after half of its time. A request that is refused is not counted;
        its answer says when to try again. Certificates count when an order is finalized. Renewals that name the certificate that
        they replace (RFC 9773) count neither as orders nor as certificates. The operator of this server may make exceptions.</p>
        """);

    private static string List(LimitDefaults limits)
    {
        var lines = limits.Rates.OrderBy(r => r.Key).Select(r => $"{WireName.Of(r.Key)}: {r.Value.Count} in {RateLimited.Words(r.Value.Period)}"
            + (r.Value.Burst == r.Value.Count ? "" : $", at most {r.Value.Burst} at once")).ToList();
        if (limits.MaxPending is { } pending)
            lines.Add($"{WireName.Of(LimitKind.PendingAuthorizations)}: {pending} at the same time");
        return lines.Count == 0 ? "<p>Nothing at present.</p>" : $"<ul>\n{string.Concat(lines.Select(l => $"<li>{l}</li>\n"))}</ul>";
    }

    private static IResult Page(string title, string body) => Results.Content(
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head>
        <body>
        <main>
        <h1>{title}</h1>
        {body}
        </main>
        </body>
        </html>

        """,
        "text/html; charset=utf-8",
        Encoding.UTF8);
}
