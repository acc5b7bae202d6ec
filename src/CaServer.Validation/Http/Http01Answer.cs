using System.Net;
using System.Text;
using CaServer.Domain;

namespace CaServer.Validation.Http;

/// <summary>
/// Judges what came back for an http-01 request. A wrong status or content is <c>unauthorized</c>, as from Boulder:
/// RFC 8555 §6.7 would also allow <c>incorrectResponse</c>, but clients and their users know what to do about the former.
/// A transport that broke is <c>connection</c> or <c>tls</c>.
/// </summary>
internal static class Http01Answer
{
    private const int TokenAndThumbprintParts = 2;
    private const int ThumbprintLength = 43;

    internal static Finding Judge(ValidationRequest request, Uri url, IPEndPoint remote, HttpAnswer answer)
    {
        var where = new Place(remote, Printable.Of(url.AbsoluteUri), answer);
        if (answer.Cause is { } cause)
            return Finding.Failed(Broken(cause, where));
        if (answer.Status is not >= 200 or >= 300) // BR §3.2.2.4.19: a 2xx status is needed
            return Finding.Failed(OfStatus(where));
        // RFC 8555 §8.3: whitespace at the end of the body is to be ignored.
        var body = answer.Body.AsSpan().TrimEnd(" \t\r\n\v\f"u8);
        return !answer.IsCut && body.SequenceEqual(Encoding.ASCII.GetBytes(request.KeyAuthorization))
            ? Finding.Proved(new Proof { Address = remote.ToString() })
            : Finding.Failed(OfContent(request, body, where));
    }

    internal static Failure TooManyRedirects(Uri url) => new(
        FailureCause.RedirectCount,
        ProblemType.Connection,
        $"{Printable.Of(url.AbsoluteUri)} redirects once more after {RedirectRules.MaxRedirects} redirects.",
        "Answer the challenge after fewer redirects.");

    internal static Failure RedirectLoop(Uri from, Uri to) => new(
        FailureCause.RedirectLoop,
        ProblemType.Connection,
        $"{Printable.Of(from.AbsoluteUri)} redirects to {Printable.Of(to.AbsoluteUri)}, which was asked before.",
        "Exempt the path /.well-known/acme-challenge/ from the rule that redirects in a circle.");

    private static Failure Broken(FailureCause cause, Place where)
    {
        var (type, seen, remedy) = cause switch
        {
            FailureCause.AnswerTimeout => (
                ProblemType.Connection,
                $"{where.Remote} accepted the connection but did not answer {where.Url} completely in time{where.Beginning}.",
                "See why the server is slow, or whether something between it and the CA swallows the request."),
            FailureCause.Tls => (
                ProblemType.Tls,
                $"The TLS handshake with {where.Remote} for {where.Url} failed.",
                "See whether that port speaks TLS 1.2 or 1.3 for this name, or answer the challenge over http."),
            FailureCause.NotHttp when where.Answer.Body is [0x15, 0x03, ..] => (
                ProblemType.Connection,
                $"{where.Remote} answered {where.Url} with a TLS alert.",
                "Serve plain http on that port; TLS belongs on 443."),
            FailureCause.NotHttp => (
                ProblemType.Connection,
                $"{where.Remote} did not answer {where.Url} with valid HTTP{where.Beginning}.",
                "See what listens on that port; it must be a web server."),
            _ => (
                ProblemType.Connection,
                $"{where.Remote} ended the connection before it had answered {where.Url} completely{where.Beginning}.",
                "See the server's log, and whether a firewall resets connections from the CA."),
        };
        return new Failure(cause, type, seen, remedy);
    }

    private static Failure OfStatus(Place where)
    {
        var (cause, remedy) = where.Answer.Status switch
        {
            404 or 410 => (FailureCause.NotFound, "The file must be there; if it is, a different virtual host of the server answers for this name."),
            401 or 403 => (FailureCause.AccessDenied, "Let everybody read the path /.well-known/acme-challenge/."),
            >= 300 and < 400 => (FailureCause.RedirectStatus, "Answer the challenge directly, or redirect with 301, 302, 307 or 308."),
            >= 500 => (FailureCause.ServerError, "See the server's log; a proxy in front may not reach the server behind it."),
            _ => (FailureCause.OtherStatus, "Answer with status 200 and the key authorization."),
        };
        return Unauthorized(cause, $"{where.Remote} answered {where.Answer.Status} for {where.Url}{where.Beginning}.", remedy);
    }

    private static Failure OfContent(ValidationRequest request, ReadOnlySpan<byte> body, Place where)
    {
        var (cause, remedy) = Recognise(request, body, where.Answer.IsCut);
        var seen = cause switch
        {
            FailureCause.TooLong => $"{where.Remote} answered {where.Url} with more than {Http01Check.MaxBody} bytes{where.Beginning}.",
            FailureCause.Empty => $"{where.Remote} answered {where.Url} with nothing.",
            _ => $"{where.Remote} answered {where.Url} with something other than \"{request.KeyAuthorization}\"{where.Beginning}.",
        };
        return Unauthorized(cause, seen, remedy);
    }

    private static (FailureCause Cause, string Remedy) Recognise(ValidationRequest request, ReadOnlySpan<byte> body, bool isCut)
    {
        if (body.IsEmpty)
            return (FailureCause.Empty, "The file must hold the key authorization; see whether it was written completely.");
        if (body is [0xef, 0xbb, 0xbf, ..] or [0xff, 0xfe, ..] or [0xfe, 0xff, ..])
            return (FailureCause.ByteOrderMark, "Save the file as plain ASCII without a byte order mark.");
        if (body.TrimStart(" \t\r\n"u8) is [(byte)'<', ..])
            return (FailureCause.WebPage, "A web page was sent instead of the file; exempt /.well-known/acme-challenge/ from what produces the page.");
        if (isCut)
            return (FailureCause.TooLong, "The answer must be the key authorization and nothing else.");

        var parts = Encoding.ASCII.GetString(body).Split('.');
        if (parts is [var only] && only == request.Token)
            return (FailureCause.TokenOnly, "The file must hold the token, a dot and the thumbprint of the account key.");
        if (parts.Length == TokenAndThumbprintParts && parts[0] == request.Token && parts[1].Length == ThumbprintLength)
            return (FailureCause.OtherAccount, "The file was made for another account's key; answer with the account that ordered.");
        if (parts.Length == TokenAndThumbprintParts && parts[1] == request.Thumbprint && parts[0].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            return (FailureCause.OtherToken, "The file belongs to another challenge; remove what is left from earlier orders and any cache in front.");
        return (FailureCause.WrongContent, "The answer must be the key authorization and nothing else.");
    }

    private static Failure Unauthorized(FailureCause cause, string seen, string remedy) => new(cause, ProblemType.Unauthorized, seen, remedy);

    private sealed record Place(IPEndPoint Remote, string Url, HttpAnswer Answer)
    {
        /// <summary>A clause with the first bytes, or nothing if there were none.</summary>
        internal string Beginning => Answer.Body.Length == 0 ? "" : $"; what came begins \"{Printable.Of(Answer.Body)}\"";
    }
}
