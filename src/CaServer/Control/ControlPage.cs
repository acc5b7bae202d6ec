using System.Net;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Storage;
using CaServer.Web;

namespace CaServer.Control;

/// <summary>
/// The page behind the link in an e-mail. Only POST changes anything: programs that look into e-mail follow links, and press no buttons.
/// Whoever has the link may answer, so it is told to nobody: not to caches, logs, other pages or search engines.
/// </summary>
internal static partial class ControlPage
{
    private const string Path = "/control/";

    /// <summary>Path of the page for a value that was sent.</summary>
    public static string PathOf(string value) => Path + value;

    /// <summary>A path as it may stand in a log.</summary>
    public static PathString Shown(PathString path) => path.StartsWithSegments("/control", StringComparison.Ordinal) ? new PathString("/control/…") : path;

    /// <summary>Maps the page.</summary>
    public static void MapControl(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path + "{value}", ShowAsync);
        routes.MapPost(Path + "{value}", ConfirmAsync);
        routes.MapPost(Path + "{value}/refuse", RefuseAsync);
    }

    private static async Task<HtmlPage> ShowAsync(
        string value, ControlStore store, AccountStore accounts, AcmeUrls urls, CaServerSettings settings, TimeProvider clock, HttpContext context)
    {
        if (await FindAsync(value, store, context) is not { } request)
            return Unknown(context);
        if (request.StateAt(clock.GetUtcNow()) != ControlRequestState.Waiting || await accounts.FindAsync(request.AccountId, context.RequestAborted) is not { } account)
            return Decided(request, clock, context);
        var name = ControlMail.NameOf(request.Identifier);
        return Page(context, StatusCodes.Status200OK, $"Certificates for {name}", Html.Of(
            $"""
            <p>An account of {AuthorityOf(settings)} wants certificates for this name, and asks you, as a contact of the domain, to confirm that it may have them.</p>
            <dl>
            <dt>Name</dt><dd><strong>{name}</strong>{(request.Identifier.IsWildcard ? ": all names one level below" : "")}</dd>
            <dt>Account</dt><dd><code>{urls.Account(account.Id)}</code></dd>
            <dt>Contact of the account</dt><dd>{ControlMail.ContactsOf(account)}</dd>
            <dt>Certificate authority</dt><dd>{AuthorityOf(settings)}, <code>{settings.Server.PublicUrl.Authority}</code></dd>
            <dt>Asked on</dt><dd>{TimeOf(request.CreatedAt)}</dd>
            <dt>Your answer counts until</dt><dd>{TimeOf(request.Expires)}</dd>
            </dl>
            <p>If you confirm, whoever holds the account can have certificates for the name, and with them run servers that others take for yours. If you do not know the account, refuse.</p>
            <form method="post" action="{PathOf(value)}"><button class="yes">Confirm</button></form>
            <form method="post" action="{PathOf(value)}/refuse"><button>Refuse</button></form>
            """), hasForm: true);
    }

    private static async Task<HtmlPage> ConfirmAsync(string value, ControlStore store, TimeProvider clock, HttpContext context, ILogger<ControlStore> log)
    {
        if (await FindAsync(value, store, context) is not { } request)
            return Unknown(context);
        if (await store.ConfirmAsync(request.Id, value, clock.GetUtcNow(), context.RequestAborted))
            LogConfirmed(log, request.Id.Value, request.Identifier, request.Recipient, context.Connection.RemoteIpAddress);
        return await AgainAsync(request, store, clock, context);
    }

    private static async Task<HtmlPage> RefuseAsync(string value, ControlStore store, TimeProvider clock, HttpContext context, ILogger<ControlStore> log)
    {
        if (await FindAsync(value, store, context) is not { } request)
            return Unknown(context);
        if (await store.EndAsync(request.Id, ControlRequestState.Refused, clock.GetUtcNow(), context.RequestAborted))
            LogRefused(log, request.Id.Value, request.Identifier, request.Recipient, context.Connection.RemoteIpAddress);
        return await AgainAsync(request, store, clock, context);
    }

    private static async Task<ControlRequest?> FindAsync(string value, ControlStore store, HttpContext context) =>
        value.Length == ControlTerms.ValueLength && LowerBase32.IsValid(value) ? await store.FindSentAsync(ControlRequests.HashOf(value), context.RequestAborted) : null;

    private static async Task<HtmlPage> AgainAsync(ControlRequest request, ControlStore store, TimeProvider clock, HttpContext context) =>
        Decided(await store.FindAsync(request.Id, context.RequestAborted) ?? request, clock, context);

    private static HtmlPage Decided(ControlRequest request, TimeProvider clock, HttpContext context)
    {
        var name = ControlMail.NameOf(request.Identifier);
        var (status, title, text) = request.StateAt(clock.GetUtcNow()) switch
        {
            ControlRequestState.Confirmed or ControlRequestState.Proved => (StatusCodes.Status200OK, "Confirmed", Html.Of($"You have confirmed that the account may have certificates for <strong>{name}</strong>. There is nothing more for you to do.")),
            ControlRequestState.Refused => (StatusCodes.Status200OK, "Refused", Html.Of($"You have refused. This request will bring no certificate for <strong>{name}</strong>.")),
            ControlRequestState.Expired => (StatusCodes.Status410Gone, "Too late", Html.Of($"The time to answer for <strong>{name}</strong> is over. Whoever needs the certificate must ask again.")),
            _ => (StatusCodes.Status410Gone, "Taken back", Html.Of($"The request for <strong>{name}</strong> was taken back. There is nothing to confirm.")),
        };
        return Page(context, status, title, Html.Of($"<p>{text}</p>"));
    }

    private static HtmlPage Unknown(HttpContext context) => Page(
        context, StatusCodes.Status404NotFound, "No such request", Html.OfConstant("<p>This link is not one that was sent, or its request is long over. See whether all of it was opened: it ends with 32 letters and digits.</p>"));

    private static HtmlPage Page(HttpContext context, int status, string title, Html body, bool hasForm = false)
    {
        context.Response.Headers.CacheControl = "no-store";
        return new HtmlPage(title, body, status, hasForm);
    }

    private static string AuthorityOf(CaServerSettings settings) => settings.Authority.Issuing.CommonName;

    private static string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString("d MMMM yyyy, HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture);

    [LoggerMessage(EventId = 1601, Level = LogLevel.Information, Message = "Request {RequestId} for {Name} confirmed by whoever reads the e-mail of {Recipient}, from {Address}")]
    private static partial void LogConfirmed(ILogger log, long requestId, Identifier name, string? recipient, IPAddress? address);

    [LoggerMessage(EventId = 1602, Level = LogLevel.Information, Message = "Request {RequestId} for {Name} refused by whoever reads the e-mail of {Recipient}, from {Address}")]
    private static partial void LogRefused(ILogger log, long requestId, Identifier name, string? recipient, IPAddress? address);
}
