using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using CaServer.Validation.Connections;

namespace CaServer.Validation.Http;

/// <summary>
/// One GET request over one given connection: no proxy, no cookies, no credentials, no decompression, no redirects, no second
/// connection, nothing kept for a next request.
/// </summary>
internal static class HttpGet
{
    private const int MaxHeaderKilobytes = 16;

    private static readonly string s_userAgent = $"CaServer/{typeof(HttpGet).Assembly.GetName().Version?.ToString(3)} (domain validation)";

    /// <summary>Asks for a URL.</summary>
    /// <param name="url">The URL; its scheme decides about TLS.</param>
    /// <param name="host">The Host header, if it is not to be what the URL says.</param>
    /// <param name="connection">An open connection to the URL's host; closed afterwards.</param>
    /// <param name="maxBody">Bytes of the body that are read.</param>
    /// <param name="ct">The end of the check.</param>
    internal static async Task<HttpAnswer> SendAsync(Uri url, string? host, Stream connection, int maxBody, CancellationToken ct)
    {
        await using var recorder = new HeadRecorder(connection);
        using var handler = Handler(recorder, isTls: url.Scheme == Uri.UriSchemeHttps);
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Host = host;
        request.Headers.ConnectionClose = true;
        request.Headers.TryAddWithoutValidation("User-Agent", s_userAgent);
        request.Headers.TryAddWithoutValidation("Accept", "*/*");

        HttpResponseMessage? response = null;
        try
        {
            response = await invoker.SendAsync(request, ct);
            var answer = new HttpAnswer { Status = (int)response.StatusCode, Location = SingleLocation(response) };
            return await WithBodyAsync(answer, response, maxBody, ct);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // Over TLS the recorder saw ciphertext, which explains nothing.
            var head = url.Scheme == Uri.UriSchemeHttp ? recorder.Head.ToArray() : [];
            return new HttpAnswer { Cause = CanBeHttp(head) ? CauseOf(e) : FailureCause.NotHttp, Body = head };
        }
        finally
        {
            response?.Dispose();
        }
    }

    private static async Task<HttpAnswer> WithBodyAsync(HttpAnswer answer, HttpResponseMessage response, int maxBody, CancellationToken ct)
    {
        var body = new byte[maxBody + 1];
        var count = 0;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(ct);
            int read;
            while (count < body.Length && (read = await stream.ReadAsync(body.AsMemory(count), ct)) > 0)
                count += read;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return answer with { Cause = CauseOf(e), Body = body[..count] };
        }
        return answer with { Body = body[..Math.Min(count, maxBody)], IsCut = count > maxBody };
    }

    private static SocketsHttpHandler Handler(Stream connection, bool isTls)
    {
        var given = 0;
        var handler = new SocketsHttpHandler
        {
            // The connection leads to an address that the policy has judged; the handler must never open one of its own.
            ConnectCallback = (_, _) => Interlocked.Exchange(ref given, 1) == 0
                ? ValueTask.FromResult(connection)
                : ValueTask.FromException<Stream>(new IOException("The connection was used up.")),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            Credentials = null,
            PreAuthenticate = false,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.Zero,
            MaxResponseDrainSize = 0,
            MaxResponseHeadersLength = MaxHeaderKilobytes,
        };
        if (isTls)
            handler.SslOptions = Tls();
        return handler;
    }

    // An https redirect target is not authenticated: it may be the very server that is waiting for its first certificate, and
    // RFC 8555 §8.3 rests on DNS and routing alone. So the certificate is not looked at, least of all by fetching, from URLs
    // that stand in it, issuers (which the platform does by default) or revocation lists.
    private static SslClientAuthenticationOptions Tls() => new()
    {
#pragma warning disable CA5359 // The comment above says why no certificate is refused.
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = new X509ChainPolicy
        {
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
            VerificationFlags = X509VerificationFlags.AllFlags,
        },
        AllowTlsResume = false,
    };

    // A greeting without a line end leaves the parser waiting, and looks like a server that is slow or hangs up.
    private static bool CanBeHttp(ReadOnlySpan<byte> head) => head.StartsWith("HTTP/"u8[..Math.Min(head.Length, 5)]);

    private static string? SingleLocation(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Location", out var values) && values.Count == 1 ? values.ToString() : null;

    private static FailureCause CauseOf(Exception exception) => exception switch
    {
        OperationCanceledException => FailureCause.AnswerTimeout,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => FailureCause.Tls,
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } => FailureCause.NotHttp,
        HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } => FailureCause.NotHttp,
        _ => FailureCause.ConnectionLost,
    };
}
