using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Domain;
using CaServer.TestKit.Http;
using CaServer.Validation;

namespace CaServer.Tests.Validation;

public sealed class RedirectTests
{
    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task The_four_redirects_are_followed(int status)
    {
        await using var rig = new CheckRig(x => x.Path == "/there?a=b" ? x.AnswerAsync(200, CheckRig.KeyAuthorization) : x.RedirectAsync("/there?a=b", status));

        var outcome = await rig.CheckAsync();

        CheckRig.Statement(outcome);
        var step = Assert.Single(outcome.Trace.Steps.OfType<CheckStep.Redirected>());
        Assert.Equal((status, $"http://{CheckRig.Name}:{rig.Responder.Port}/there?a=b"), (step.Status, step.Location));
    }

    [Fact]
    public async Task Another_host_is_looked_up_and_asked_by_its_name()
    {
        await using var rig = new CheckRig(x => x.Host == CheckRig.Name
            ? x.RedirectAsync($"//OTHER.corp.example.:{x.LocalEndPoint.Port}/moved#part")
            : x.AnswerAsync(200, CheckRig.KeyAuthorization));
        await using var other = new Responder(x => x.AnswerAsync(200, CheckRig.KeyAuthorization), "::1", rig.Responder.Port);
        rig.Dns.With("other.corp.example", "::1");

        Assert.Equal($"[::1]:{rig.Responder.Port}", (await rig.ProvesAsync()).Address);
        var request = Assert.Single(other.Requests);
        Assert.Equal(("/moved", $"other.corp.example.:{rig.Responder.Port}"), (request.Path, request.Host));
    }

    [Fact]
    public async Task A_host_with_an_underscore_is_served_too()
    {
        await using var rig = new CheckRig(x => x.Path == "/there"
            ? x.AnswerAsync(200, CheckRig.KeyAuthorization)
            : x.RedirectAsync($"http://web_1.corp.example:{x.LocalEndPoint.Port}/there"));
        rig.Dns.With("web_1.corp.example", "127.0.0.1");
        await rig.ProvesAsync();
    }

    [Fact]
    public async Task Ten_redirects_are_followed_and_the_eleventh_is_not()
    {
        static Func<HttpExchange, Task> Chain(int length) => x =>
        {
            var done = int.TryParse(x.Path.AsSpan(1), out var n) ? n : 0;
            return done == length ? x.AnswerAsync(200, CheckRig.KeyAuthorization) : x.RedirectAsync($"/{done + 1}");
        };
        await using var ten = new CheckRig(Chain(10));
        await using var eleven = new CheckRig(Chain(11));

        await ten.ProvesAsync();
        await eleven.FailsAsync(FailureCause.RedirectCount, ProblemType.Connection);
        Assert.Equal(11, eleven.Responder.Requests.Count);
    }

    [Theory]
    [InlineData(CheckRig.ChallengePath)]
    [InlineData("#again")]
    [InlineData("/x/.." + CheckRig.ChallengePath)]
    public async Task A_loop_is_found_at_once(string location)
    {
        await using var rig = new CheckRig(x => x.RedirectAsync(location));
        await rig.FailsAsync(FailureCause.RedirectLoop, ProblemType.Connection);
        Assert.Equal(1, rig.Responder.Connections);
    }

    [Fact]
    public async Task A_loop_of_two_is_found_when_it_closes()
    {
        await using var rig = new CheckRig(x => x.RedirectAsync(x.Path == "/b" ? CheckRig.ChallengePath : "/b"));
        await rig.FailsAsync(FailureCause.RedirectLoop, ProblemType.Connection);
        Assert.Equal(2, rig.Responder.Connections);
    }

    [Theory]
    [InlineData("ftp://www.corp.example/x", FailureCause.RedirectScheme)]
    [InlineData("file:///etc/passwd", FailureCause.RedirectScheme)]
    [InlineData("gopher://www.corp.example/", FailureCause.RedirectScheme)]
    [InlineData("javascript:alert(1)", FailureCause.RedirectScheme)]
    [InlineData("data:text/plain,x", FailureCause.RedirectScheme)]
    [InlineData("\\\\www.corp.example\\share", FailureCause.RedirectScheme)]
    [InlineData("http://www.corp.example:22/", FailureCause.RedirectPort)]
    [InlineData("http://www.corp.example:6379/", FailureCause.RedirectPort)]
    [InlineData("https://www.corp.example:8443/", FailureCause.RedirectPort)]
    [InlineData("http://user:secret@www.corp.example/", FailureCause.RedirectCredentials)]
    [InlineData("http://user@www.corp.example/", FailureCause.RedirectCredentials)]
    [InlineData("http://www.corp.example:99999/", FailureCause.RedirectTarget)]
    [InlineData("http://", FailureCause.RedirectTarget)]
    [InlineData("http://bad host/", FailureCause.RedirectTarget)]
    [InlineData("http://[fe80::1%25lo]/", FailureCause.RedirectTarget)]
    [InlineData("http://./", FailureCause.RedirectTarget)]
    [InlineData("http://bücher.example/", FailureCause.RedirectTarget)]
    [InlineData("http://www.corp.example/\u0001", FailureCause.RedirectTarget)]
    [InlineData("http://1.2.3.example.9/", FailureCause.RedirectTarget)]
    public async Task A_target_out_of_bounds_is_not_followed(string location, FailureCause cause)
    {
        await using var rig = new CheckRig(x => x.RedirectAsync(location));

        var failed = await rig.FailsAsync(cause, ProblemType.Connection);

        Assert.Equal(1, rig.Responder.Connections);
        Assert.Single(failed.Trace.Steps.OfType<CheckStep.Connected>());
    }

    [Theory]
    [InlineData("HTTP/1.1 302 R\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 302 R\r\nLocation: /a\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n")]
    public async Task A_redirect_needs_one_location(string answer)
    {
        await using var rig = new CheckRig(x => x.SendAsync(answer));
        await rig.FailsAsync(FailureCause.RedirectTarget, ProblemType.Connection);
    }

    [Fact]
    public async Task A_location_of_any_length_is_not_followed()
    {
        await using var rig = new CheckRig(x => x.RedirectAsync("/" + new string('l', 3000)));
        await rig.FailsAsync(FailureCause.RedirectTarget, ProblemType.Connection);
    }

    [Fact]
    public async Task Cookies_are_not_carried_along()
    {
        await using var rig = new CheckRig(x => x.Path == "/there"
            ? x.AnswerAsync(200, CheckRig.KeyAuthorization)
            : x.SendAsync("HTTP/1.1 302 R\r\nSet-Cookie: a=b\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"));
        await rig.ProvesAsync();
        Assert.All(rig.Responder.Requests, r => Assert.Empty(r.Headers["Cookie"]));
    }

    [Fact]
    public async Task An_https_target_is_asked_whatever_its_certificate_and_no_URL_in_that_is_fetched()
    {
        await using var canary = new Responder(x => x.AnswerAsync(200, ""));
        using var certificate = Untrusted($"http://127.0.0.1:{canary.Port}/issuer.der");
        await using var rig = new CheckRig(
            x => x.IsTls ? x.AnswerAsync(200, CheckRig.KeyAuthorization) : x.RedirectAsync($"https://{x.Host}:{x.LocalEndPoint.Port}/tls"),
            certificate);

        await rig.ProvesAsync();

        Assert.Equal([false, true], rig.Responder.Requests.Select(r => r.IsTls));
        Assert.Equal(0, canary.Connections);
    }

    [Fact]
    public async Task An_https_target_without_TLS_is_a_TLS_failure()
    {
        await using var rig = new CheckRig(x => x.Head.Length == 0
            ? x.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n")
            : x.RedirectAsync($"https://{x.Host}:{x.LocalEndPoint.Port}/tls"));
        await rig.FailsAsync(FailureCause.Tls, ProblemType.Tls);
    }

    // Expired, for another name, from an unknown issuer whose certificate it says where to fetch.
    private static X509Certificate2 Untrusted(string issuerUrl)
    {
        using var issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=other", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([], [issuerUrl]));
        var past = TimeProvider.System.GetUtcNow().AddYears(-2);
        using var issued = request.Create(
            new X500DistinguishedName("CN=nobody"), X509SignatureGenerator.CreateForECDsa(issuerKey), past, past.AddYears(1), [1, 2, 3, 4]);
        using var withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
