using System.Net;
using System.Net.Sockets;
using CaServer.Domain;
using CaServer.Validation.Connections;

namespace CaServer.Validation.Http;

/// <summary>
/// http-01 (RFC 8555 §8.3, BR §3.2.2.4.19; for addresses RFC 8738 §4, BR §3.2.2.5.6): the server of the name must answer with
/// the key authorization at a URL that holds the token.
/// </summary>
internal sealed class Http01Check(PerspectiveSettings settings, TargetLimits targets, TimeProvider clock)
{
    /// <summary>Bytes of an answer that are read; a key authorization has less than 200.</summary>
    internal const int MaxBody = 4096;

    private readonly Dialer _dialer = new(settings, targets, clock);

    /// <summary>Runs the check until it is decided or the token ends it; the end of time is a finding like any other.</summary>
    internal async Task<Finding> RunAsync(ValidationRequest request, CheckLog log, CancellationToken ct)
    {
        var url = FirstUrl(request, settings.Http01Port);
        // The name alone, although the port may differ in a laboratory: servers choose their virtual host by it.
        var host = url.Host;
        var visited = new HashSet<string>(StringComparer.Ordinal) { url.AbsoluteUri };
        while (true)
        {
            var (answer, remote, failure) = await GetAsync(url, host, request.Identifier, log, ct);
            if (answer is null)
                return Finding.Failed(failure!);
            if (answer.Status is not { } status || !RedirectRules.IsFollowed(status))
                return Http01Answer.Judge(request, url, remote!, answer);

            if (!RedirectRules.TryFollow(url, answer, settings.Http01Port, out var next, out var refusal))
                return Finding.Failed(refusal!);
            if (visited.Count > RedirectRules.MaxRedirects)
                return Finding.Failed(Http01Answer.TooManyRedirects(url));
            if (!visited.Add(next.AbsoluteUri))
                return Finding.Failed(Http01Answer.RedirectLoop(url, next));
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
    internal static Uri FirstUrl(ValidationRequest request, int port)
    {
        var value = request.Identifier.Value;
        var host = request.Identifier.Type == IdentifierType.Ip && IPAddress.Parse(value).AddressFamily == AddressFamily.InterNetworkV6 ? $"[{value}]" : value;
        return new Uri($"http://{host}:{port}/.well-known/acme-challenge/{request.Token}");
    }
}
