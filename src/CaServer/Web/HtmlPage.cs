using System.Security.Cryptography;
using System.Text;

namespace CaServer.Web;

/// <summary>
/// A page for people: plain, readable on a telephone, in the light or the dark, without scripts, images or anything from elsewhere,
/// which its headers also forbid.
/// </summary>
internal sealed class HtmlPage(string title, Html body, int status = StatusCodes.Status200OK, bool hasForm = false) : IResult
{
    private const string Style =
        """
        :root { color-scheme: light dark; --ink: #1c2733; --faint: #5b6875; --paper: #fff; --shade: #f3f5f7; --line: #d5dbe1;
          --good: #17734a; --bad: #b3261e; --link: #0b5cad }
        @media (prefers-color-scheme: dark) { :root { --ink: #e4e9ee; --faint: #9aa7b4; --paper: #14191f; --shade: #1d242c; --line: #35404b;
          --good: #5ecb98; --bad: #ff8a80; --link: #7fb8f5 } }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
        main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; overflow-wrap: anywhere }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem }
        h2 { font-size: 1.2rem; margin: 2rem 0 .75rem }
        h3 { font-size: 1rem; margin: 0 0 .5rem }
        a { color: var(--link) }
        code, pre { font: .875em/1.5 ui-monospace, monospace; background: var(--shade); border-radius: .25rem }
        code { padding: .1em .3em }
        pre { padding: .75rem; overflow-x: auto }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0 0 1rem }
        dt { color: var(--faint) }
        dd { margin: 0; min-width: 0 }
        @media (max-width: 32rem) { dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .5rem } }
        article { border: 1px solid var(--line); border-left: .3rem solid var(--bad); border-radius: .4rem; padding: 1rem; margin: 0 0 1rem }
        article.passed { border-left-color: var(--good) }
        article p { margin: 0 0 .75rem }
        .bad { color: var(--bad) } .good { color: var(--good) } .faint { color: var(--faint); font-size: .875rem }
        ol.steps { list-style: none; margin: 0; padding: .75rem 0 0; border-top: 1px solid var(--line); font-size: .9rem }
        ol.steps li { display: grid; grid-template-columns: 5.5rem 1fr; gap: .75rem; padding: .2rem 0 }
        ol.steps .faint { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
        form { display: inline-block; margin: .5rem .75rem .5rem 0 }
        button { font: inherit; padding: .55rem 1.4rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--shade); color: var(--ink); cursor: pointer }
        button.yes { border-color: var(--good); background: var(--good); color: var(--paper); font-weight: 600 }
        button:focus-visible { outline: .2rem solid var(--link); outline-offset: .15rem }
        details summary { cursor: pointer; margin: 0 0 1rem }
        @media (max-width: 32rem) { ol.steps li { grid-template-columns: 1fr; gap: 0; padding: .3rem 0 } ol.steps .faint { text-align: left } }
        """;

    private static readonly string s_policy = Policy("'none'");

    private static readonly string s_policyOfForms = Policy("'self'");

    /// <summary>The style of every page, to stand in its head.</summary>
    public static Html StyleElement { get; } = Html.OfConstant("<style>" + Style + "</style>");

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var page = Encoding.UTF8.GetBytes(Document().ToString());
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = page.Length;
        response.Headers.ContentSecurityPolicy = hasForm ? s_policyOfForms : s_policy;
        response.Headers.XContentTypeOptions = "nosniff";
        // The URL of a page may be all that keeps it from others.
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["X-Robots-Tag"] = "noindex, nofollow";
        await response.Body.WriteAsync(page, httpContext.RequestAborted);
    }

    private static string Policy(string formAction) =>
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; form-action {formAction}; frame-ancestors 'none'";

    private Html Document() => Html.Of(
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
        {StyleElement}</head>
        <body>
        <main>
        <h1>{title}</h1>
        {body}
        </main>
        </body>
        </html>

        """);
}
