using System.Net;
using CaServer.Domain;

namespace CaServer.Validation.Http;

/// <summary>The file that a method wants.</summary>
/// <param name="Directory">Path of the directory that it lies in.</param>
/// <param name="Content">What must be in it, in words.</param>
internal sealed record WantedFile(string Directory, string Content);

/// <summary>Where an answer came from.</summary>
internal sealed record FilePlace(IPEndPoint Remote, string Url, HttpAnswer Answer)
{
    /// <summary>A clause with the first bytes, or nothing if there were none.</summary>
    internal string Beginning => Answer.Body.Length == 0 ? "" : $"; what came begins \"{Printable.Of(Answer.Body)}\"";
}

/// <summary>
/// Judges whether there is a file at all in what came back: a transport that broke is <c>connection</c> or <c>tls</c>, a wrong status is
/// <c>unauthorized</c>.
/// </summary>
internal static class FileAnswer
{
    /// <summary>Why there is no file to judge; null if there is one.</summary>
    internal static Failure? Fault(FilePlace where, WantedFile wanted) => where.Answer switch
    {
        { Cause: { } cause } => Broken(cause, where),
        // BR §3.2.2.4.18, §3.2.2.4.19: a 2xx status is needed.
        { Status: not >= 200 or >= 300 } => OfStatus(where, wanted),
        _ => null,
    };

    internal static Failure TooManyRedirects(Uri url) => new(
        FailureCause.RedirectCount,
        ProblemType.Connection,
        $"{Printable.Of(url.AbsoluteUri)} redirects once more after {RedirectRules.MaxRedirects} redirects.",
        "Answer the challenge after fewer redirects.");

    internal static Failure RedirectLoop(Uri from, Uri to, WantedFile wanted) => new(
        FailureCause.RedirectLoop,
        ProblemType.Connection,
        $"{Printable.Of(from.AbsoluteUri)} redirects to {Printable.Of(to.AbsoluteUri)}, which was asked before.",
        $"Exempt the path {wanted.Directory} from the rule that redirects in a circle.");

    private static Failure Broken(FailureCause cause, FilePlace where)
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

    private static Failure OfStatus(FilePlace where, WantedFile wanted)
    {
        var (cause, remedy) = where.Answer.Status switch
        {
            404 or 410 => (FailureCause.NotFound, "The file must be there; if it is, a different virtual host of the server answers for this name."),
            401 or 403 => (FailureCause.AccessDenied, $"Let everybody read the path {wanted.Directory}."),
            >= 300 and < 400 => (FailureCause.RedirectStatus, "Answer the challenge directly, or redirect with 301, 302, 307 or 308."),
            >= 500 => (FailureCause.ServerError, "See the server's log; a proxy in front may not reach the server behind it."),
            _ => (FailureCause.OtherStatus, $"Answer with status 200 and the {wanted.Content}."),
        };
        return new Failure(cause, ProblemType.Unauthorized, $"{where.Remote} answered {where.Answer.Status} for {where.Url}{where.Beginning}.", remedy);
    }
}
