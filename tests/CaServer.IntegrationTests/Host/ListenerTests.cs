using System.Net;
using CaServer.IntegrationTests.Acme;

namespace CaServer.IntegrationTests.Host;

/// <summary>Each listener serves its own things only; status documents can be cached and asked for conditionally.</summary>
public sealed class ListenerTests(AcmeServer acme) : IDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = acme.Server.StatusUrl };

    [Fact]
    public async Task The_root_is_the_same_over_both_listeners_and_in_the_file()
    {
        var file = await File.ReadAllTextAsync(acme.Server.RootCertificateFile, TestContext.Current.CancellationToken);
        Assert.Equal(file, await _client.GetStringAsync(new Uri("/ca/root.pem", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal(file, await acme.Server.Client.GetStringAsync(new Uri("/ca/root.pem", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/ca/root.der", "application/pkix-cert")]
    [InlineData("/ca/issuing.der", "application/pkix-cert")]
    [InlineData("/crl/root/0.crl", "application/pkix-crl")]
    [InlineData("/crl/issuing/0.crl", "application/pkix-crl")]
    public async Task A_document_has_its_type_and_can_be_cached(string path, string type)
    {
        using var first = await GetAsync(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(type, first.Content.Headers.ContentType?.ToString());
        Assert.True(first.Headers.CacheControl is { Public: true, MaxAge.TotalMinutes: > 1 });
        Assert.NotNull(first.Content.Headers.LastModified);
        Assert.Equal(0x30, (await first.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken))[0]);

        using var byTag = await GetAsync(HttpMethod.Get, path, r => r.Headers.IfNoneMatch.Add(first.Headers.ETag!));
        Assert.Equal(HttpStatusCode.NotModified, byTag.StatusCode);
        Assert.Equal(first.Headers.ETag, byTag.Headers.ETag);
        using var byTime = await GetAsync(HttpMethod.Get, path, r => r.Headers.IfModifiedSince = first.Content.Headers.LastModified);
        Assert.Equal(HttpStatusCode.NotModified, byTime.StatusCode);
        using var head = await GetAsync(HttpMethod.Head, path);
        Assert.Equal(first.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        using var post = await GetAsync(HttpMethod.Post, path);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    [Theory]
    [InlineData("/acme/directory")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    [InlineData("/crl/issuing/1.crl")]
    [InlineData("/ca/../ca/other.der")]
    public async Task The_status_listener_serves_nothing_else_whatever_the_host_header_says(string path)
    {
        using var answer = await GetAsync(HttpMethod.Get, path, r => r.Headers.Host = acme.Server.PublicUrl.Authority);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("/crl/issuing/0.crl")]
    [InlineData("/health/live")]
    [InlineData("/metrics")]
    public async Task The_ACME_listener_serves_neither_CRLs_nor_health(string path)
    {
        using var answer = await acme.Server.Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task An_ACME_answer_has_a_request_id()
    {
        using var answer = await acme.Server.Client.GetAsync(acme.Server.Directory, TestContext.Current.CancellationToken);
        Assert.NotEmpty(Assert.Single(answer.Headers.GetValues("X-Request-Id")));
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> GetAsync(HttpMethod method, string path, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method, path);
        change?.Invoke(request);
        return await _client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
