using System.Net;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Clients;

/// <summary>OCSP as OpenSSL and GnuTLS ask for it, and as web servers staple it.</summary>
[Collection(RealClientsTests.Name)]
public sealed class OcspTests(RealClients clients) : IDisposable
{
    private static readonly TimeSpan s_promise = TimeSpan.FromSeconds(5);
    private static readonly ExternalProgram s_openSsl = ExternalProgram.Find("openssl");
    private static readonly ExternalProgram s_ocspTool = ExternalProgram.Find("ocsptool");
    private static readonly ExternalProgram s_curl = ExternalProgram.Find("curl");

    private readonly Certbot _certbot = new(clients.Server);
    private readonly ScratchDirectory _scratch = new();
    private readonly HttpClient _http = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Url => new Uri(clients.Server.StatusUrl, "/ocsp/issuing").AbsoluteUri;

    public void Dispose()
    {
        _http.Dispose();
        _scratch.Dispose();
        _certbot.Dispose();
    }

    [Fact]
    public async Task OpenSSL_and_GnuTLS_see_a_certificate_good_and_within_seconds_revoked()
    {
        var certificate = await ObtainAsync("ocsp.example.com");
        foreach (var hash in new[] { "-sha1", "-sha256" })
        {
            foreach (var nonce in new[] { "-nonce", "-no_nonce" })
            {
                var said = await AskAsync(certificate, hash, nonce);
                Assert.Contains("cert.pem: good", said, StringComparison.Ordinal);
                Assert.Contains("Response verify OK", said, StringComparison.Ordinal);
                Assert.DoesNotContain("WARNING", said, StringComparison.Ordinal);
            }
        }
        var several = await AskAsync(certificate, "-sha1", "-nonce", "-serial", "0x1234567890", "-sha256", "-cert", certificate.LeafFile);
        Assert.Contains("0x1234567890: unknown", several, StringComparison.Ordinal);
        Assert.Equal(2, several.Split("cert.pem: good").Length - 1);
        await GnuTlsAcceptsAsync(certificate);

        (await _certbot.RevokeAsync("ocsp.example.com", "superseded")).Succeeded(clients.Server.Log);
        var revoked = await UntilAsync(() => AskAsync(certificate, "-no_nonce"), said => said.Contains("cert.pem: revoked", StringComparison.Ordinal));
        Assert.Contains("Reason: superseded", revoked, StringComparison.Ordinal);
        // From now on, whoever asks and however.
        foreach (var nonce in new[] { "-nonce", "-no_nonce" })
            Assert.Contains("cert.pem: revoked", await AskAsync(certificate, "-sha256", nonce), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_GET_has_the_same_answer_with_headers_for_caches()
    {
        var certificate = await ObtainAsync("get.example.com");
        var (request, response) = (_scratch.File("request.der"), _scratch.File("response.der"));
        await UntilAsync(
            () => AskAsync(certificate, "-no_nonce", "-reqout", request, "-respout", response), said => said.Contains("good", StringComparison.Ordinal));
        var text = Convert.ToBase64String(await File.ReadAllBytesAsync(request, Cancellation));
        var expected = await File.ReadAllBytesAsync(response, Cancellation);
        foreach (var form in new[] { Uri.EscapeDataString(text), text, text.TrimEnd('=') })
        {
            using var answer = await _http.GetAsync($"{Url}/{form}", Cancellation);
            Assert.Equal("application/ocsp-response", answer.Content.Headers.ContentType!.MediaType);
            Assert.Equal(expected, await answer.Content.ReadAsByteArrayAsync(Cancellation));
            Assert.True(answer.Headers.CacheControl is { Public: true, NoTransform: true, MustRevalidate: true } control && control.MaxAge > TimeSpan.Zero);
            Assert.NotNull(answer.Content.Headers.LastModified);
            Assert.True(answer.Content.Headers.Expires > answer.Headers.Date);
            foreach (var header in new[] { ("If-None-Match", answer.Headers.ETag!.ToString()), ("If-Modified-Since", $"{answer.Content.Headers.LastModified:r}") })
            {
                using var again = new HttpRequestMessage(HttpMethod.Get, $"{Url}/{form}");
                Assert.True(again.Headers.TryAddWithoutValidation(header.Item1, header.Item2));
                using var unmodified = await _http.SendAsync(again, Cancellation);
                Assert.Equal(HttpStatusCode.NotModified, unmodified.StatusCode);
            }
        }
    }

    [Fact]
    public async Task What_cannot_be_answered_gets_an_error_that_clients_understand()
    {
        var certificate = await ObtainAsync("foreign.example.com");
        var foreign = await s_openSsl.RunAsync(
            ["ocsp", "-no_nonce", "-issuer", certificate.RootFile, "-cert", certificate.IssuerFile, "-url", Url], cancellation: Cancellation);
        Assert.Contains("Responder Error: unauthorized (6)", foreign.Output, StringComparison.Ordinal);

        byte[] malformed = [0x30, 3, 0x0a, 1, 1];
        Assert.Equal(malformed, await _http.GetByteArrayAsync($"{Url}/%zz", Cancellation));
        Assert.Equal(malformed, await _http.GetByteArrayAsync(Url, Cancellation));
        Assert.Equal((HttpStatusCode.OK, 5), await PostAsync([1, 2, 3], "application/ocsp-request"));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, 0), await PostAsync([1, 2, 3], "text/plain"));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, 0), await PostAsync(new byte[16 * 1024 + 1], "application/ocsp-request"));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, 0), await PostAsync(new byte[40 * 1024], "application/ocsp-request", isChunked: true));
        using var put = await _http.PutAsync(Url, null, Cancellation);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, put.StatusCode);
        using var nobody = await _http.GetAsync(new Uri(clients.Server.StatusUrl, "/ocsp/nobody"), Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
    }

    [Fact]
    public async Task Nginx_and_Apache_staple_the_answers_and_curl_refuses_a_revoked_certificate()
    {
        const string Name = "staple.localhost";
        var certificate = await ObtainAsync(Name);
        await using (var nginx = await StapledServer.StartNginxAsync(certificate, Url))
            await CurlAcceptsAsync(nginx, Name, certificate);
        await using (var apache = await StapledServer.StartApacheAsync(certificate, Url))
            await CurlAcceptsAsync(apache, Name, certificate);

        (await _certbot.RevokeAsync(Name, "keycompromise")).Succeeded(clients.Server.Log);
        await UntilAsync(() => AskAsync(certificate, "-no_nonce"), said => said.Contains("cert.pem: revoked", StringComparison.Ordinal));
        await using var revoked = await StapledServer.StartApacheAsync(certificate, Url);
        var refused = await UntilAsync(
            async () => (await CurlAsync(revoked, Name, certificate)).Output, said => said.Contains("revoked", StringComparison.OrdinalIgnoreCase));
        // CURLE_SSL_INVALIDCERTSTATUS.
        Assert.Contains("curl: (91)", refused, StringComparison.Ordinal);
    }

    private async Task<ObtainedCertificate> ObtainAsync(string name)
    {
        (await _certbot.ObtainAsync([name])).Succeeded(clients.Server.Log);
        return _certbot.Certificate(name);
    }

    private async Task<string> AskAsync(ObtainedCertificate certificate, params IEnumerable<string> options) =>
        (await s_openSsl.RunAsync(
            ["ocsp", "-issuer", certificate.IssuerFile, .. options.TakeWhile(o => o is "-sha1" or "-sha256"), "-cert", certificate.LeafFile,
                .. options.SkipWhile(o => o is "-sha1" or "-sha256"), "-url", Url, "-CAfile", certificate.RootFile],
            cancellation: Cancellation)).Output;

    private async Task GnuTlsAcceptsAsync(ObtainedCertificate certificate)
    {
        var chain = _scratch.File("chain.pem");
        await File.WriteAllTextAsync(chain, await File.ReadAllTextAsync(certificate.IssuerFile, Cancellation) + await File.ReadAllTextAsync(certificate.RootFile, Cancellation), Cancellation);
        foreach (var nonce in new[] { "--nonce", "--no-nonce" })
        {
            // Without one it has no option for a nonce: the default is to send it.
            string[] options = nonce == "--nonce" ? [] : [nonce];
            var said = await s_ocspTool.RunAsync(
                ["--ask=" + Url, .. options, "--load-cert", certificate.LeafFile, "--load-issuer", certificate.IssuerFile, "--load-trust", chain],
                cancellation: Cancellation);
            Assert.Contains("Verifying OCSP Response: Success.", said.Succeeded().Output, StringComparison.Ordinal);
        }
    }

    private async Task<(HttpStatusCode Status, int Length)> PostAsync(byte[] body, string type, bool isChunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new(type);
        request.Headers.TransferEncodingChunked = isChunked;
        using var answer = await _http.SendAsync(request, Cancellation);
        return (answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync(Cancellation)).Length);
    }

    // A web server fetches the first answer when the first client asks for it.
    private static async Task CurlAcceptsAsync(StapledServer server, string name, ObtainedCertificate certificate) =>
        await UntilAsync(async () => $"{(await CurlAsync(server, name, certificate)).ExitCode}", code => code == "0");

    private static Task<ProgramResult> CurlAsync(StapledServer server, string name, ObtainedCertificate certificate) => s_curl.RunAsync(
        ["-sS", "-v", "--cert-status", "--cacert", certificate.RootFile, "--resolve", $"{name}:{server.Port}:127.0.0.1", "-o", "/dev/null", $"https://{name}:{server.Port}/"],
        cancellation: Cancellation);

    private static async Task<string> UntilAsync(Func<Task<string>> ask, Func<string, bool> isRight)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(s_promise * 2);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var said = "";
        try
        {
            while (!isRight(said = await ask()))
                await timer.WaitForNextTickAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            Assert.Fail($"Not within {s_promise * 2}; the last answer was:\n{said}");
        }
        return said;
    }
}
