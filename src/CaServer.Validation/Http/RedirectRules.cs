using System.Net;
using CaServer.Domain;

namespace CaServer.Validation.Http;

/// <summary>Which redirects are followed (BR §3.2.2.4.19, RFC 8555 §8.3).</summary>
internal static class RedirectRules
{
    /// <summary>Redirects that are followed at most.</summary>
    internal const int MaxRedirects = 10;

    private const int HttpPort = 80;
    private const int HttpsPort = 443;
    private const int MaxLocationLength = 2048;
    private const int MaxLabelLength = 63;

    /// <summary>Whether a status is one of the redirects that may be followed.</summary>
    internal static bool IsFollowed(int status) => status is 301 or 302 or 307 or 308;

    /// <summary>Reads where a redirect leads, or says why it is not followed.</summary>
    internal static bool TryFollow(Uri from, HttpAnswer answer, int http01Port, out Uri to, out Failure? failure)
    {
        to = from;
        failure = null;
        // RFC 9110 §10.2.2: a URI reference, so visible ASCII; what else may look like a host's name is not guessed at.
        if (answer.Location is not { Length: > 0 and <= MaxLocationLength } location
            || !location.All(c => c is > ' ' and < '\x7f')
            || !Uri.TryCreate(from, location, out var target))
        {
            failure = Refuse(FailureCause.RedirectTarget, from, answer, "which is not one readable URL");
            return false;
        }
        if (target.Scheme != Uri.UriSchemeHttp && target.Scheme != Uri.UriSchemeHttps)
            failure = Refuse(FailureCause.RedirectScheme, from, answer, "but only http and https are followed");
        else if (target.UserInfo.Length > 0)
            failure = Refuse(FailureCause.RedirectCredentials, from, answer, "which holds a user name or password");
        else if (target.Port is not (HttpPort or HttpsPort) && target.Port != http01Port)
            failure = Refuse(FailureCause.RedirectPort, from, answer, $"but port {target.Port} is not {Ports(http01Port)}");
        else if (HostOf(target) is null)
            failure = Refuse(FailureCause.RedirectTarget, from, answer, "whose host is neither a name nor an address");
        // Without the fragment, which is not sent: two URLs that differ in it only are one request.
        to = failure is null ? new Uri(target.GetLeftPart(UriPartial.Query)) : from;
        return failure is null;
    }

    /// <summary>The host to connect to: a lower-case name without trailing dot or an address; null if it is neither.</summary>
    internal static string? HostOf(Uri url)
    {
        // IdnHost is the A-label form of a name, and an address in canonical form whatever form (octal, decimal) it was written in.
        var host = url.IdnHost;
        return url.HostNameType switch
        {
            UriHostNameType.Dns => host.EndsWith('.') ? NameOf(host[..^1]) : NameOf(host),
            // A zone would choose an interface of this machine.
            UriHostNameType.IPv4 or UriHostNameType.IPv6 => !host.Contains('%', StringComparison.Ordinal) && IPAddress.TryParse(host, out var address) ? address.ToString() : null,
            _ => null,
        };
    }

    // Looser than an identifier, since names with underscores are served too; but nothing that somebody could take for an address.
    private static string? NameOf(string host) =>
        host.Length is > 0 and <= Identifier.MaxNameLength
        && host.Split('.') is var labels
        && labels.All(l => l.Length is > 0 and <= MaxLabelLength && l.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        && !labels[^1].All(char.IsAsciiDigit)
            ? host.ToLowerInvariant()
            : null;

    private static Failure Refuse(FailureCause cause, Uri from, HttpAnswer answer, string clause) => new(
        cause,
        // As Boulder has it: the target was not reached, which says nothing of who controls the name.
        ProblemType.Connection,
        $"{Printable.Of(from.AbsoluteUri)} redirects ({answer.Status}) to \"{Printable.Of(answer.Location ?? "")}\", {clause}.",
        "Answer the challenge directly, or redirect to an http or https URL on port 80 or 443.");

    private static string Ports(int http01Port) => http01Port is HttpPort or HttpsPort ? "80 or 443" : $"80, 443 or {http01Port}";
}
