using System.Net;
using System.Net.Sockets;
using CaServer.Domain;
using CaServer.Validation.Connections;

namespace CaServer.Validation.Http;

/// <summary>What a file's URL came to: an answer that is no redirect and who gave it, or a failure.</summary>
internal readonly record struct FetchedFile(Uri Url, IPEndPoint? Remote, HttpAnswer? Answer, Failure? Failure);

/// <summary>Asks the server of a name for a file, through the redirects that may be followed (BR §3.2.2.4.18, §3.2.2.4.19, RFC 8555 §8.3).</summary>
internal sealed class FileFetch(PerspectiveSettings settings, TargetLimits targets, TimeProvider clock)
{
    /// <summary>Bytes of an answer that are read; what is wanted has less than 200.</summary>
    internal const int MaxBody = 4096;

    private readonly Dialer _dialer = new(settings, targets, clock);

    /// <summary>Asks until there is an answer or the token ends it; the end of time is a failure like any other.</summary>
    /// <param name="identifier">The name or address whose server is asked.</param>
    /// <param name="path">The file's path.</param>
    /// <param name="wanted">The file in words.</param>
    /// <param name="log">Where the steps are noted.</param>
    /// <param name="ct">The end of the check.</param>
    internal async Task<FetchedFile> RunAsync(Identifier identifier, string path, WantedFile wanted, CheckLog log, CancellationToken ct)
    {
        var url = FirstUrl(identifier, path, settings.Http01Port);
        // The name alone, although the port may differ in a laboratory: servers choose their virtual host by it.
        var host = url.Host;
        var visited = new HashSet<string>(StringComparer.Ordinal) { url.AbsoluteUri };
        while (true)
        {
            var (answer, remote, failure) = await GetAsync(url, host, identifier, log, ct);
            if (answer is null)
                return new(url, null, null, failure!);
            if (answer.Status is not { } status || !RedirectRules.IsFollowed(status))
                return new(url, remote!, answer, null);

            if (!RedirectRules.TryFollow(url, answer, settings.Http01Port, out var next, out var refusal))
                return new(url, null, null, refusal!);
            if (visited.Count > RedirectRules.MaxRedirects)
                return new(url, null, null, FileAnswer.TooManyRedirects(url));
            if (!visited.Add(next.AbsoluteUri))
                return new(url, null, null, FileAnswer.RedirectLoop(url, next, wanted));
            log.Add(new CheckStep.Redirected(status, Printable.Of(next.AbsoluteUri)));
            (url, host) = (next, null);
        }
    }

    private async Task<(HttpAnswer? Answer, IPEndPoint? Remote, Failure? Failure)> GetAsync(
        Uri url, string? host, Identifier identifier, CheckLog log, CancellationToken ct)
    {
        var dialed = await _dialer.ConnectAsync(RedirectRules.HostOf(url)!, url.Port, identifier, log, ct);
        if (dialed.Stream is null)
            return (null, null, dialed.Failure);
        var answer = await HttpGet.SendAsync(url, host, dialed.Stream, MaxBody, ct);
        log.Add(new CheckStep.Answered(
            Printable.Of(url.AbsoluteUri), dialed.Remote!.ToString(), answer.Status, Printable.Of(answer.Body), answer.Cause is { } cause ? WireName.Of(cause) : null));
        return (answer, dialed.Remote, null);
    }

    /// <summary>The URL that is asked first.</summary>
    internal static Uri FirstUrl(Identifier identifier, string path, int port)
    {
        var value = identifier.Value;
        var host = identifier.Type == IdentifierType.Ip && IPAddress.Parse(value).AddressFamily == AddressFamily.InterNetworkV6 ? $"[{value}]" : value;
        return new Uri($"http://{host}:{port}{path}");
    }
}
