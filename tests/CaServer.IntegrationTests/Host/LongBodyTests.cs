using System.Net;
using CaServer.IntegrationTests.Acme;

namespace CaServer.IntegrationTests.Host;

/// <summary>
/// A request is refused before its body was read. The connection may not be reset then (RFC 9112 §9.6): the client would lose the answer, or
/// the next request that it sends there.
/// </summary>
public sealed class LongBodyTests(AcmeServer shared)
{
    private const int First = 100_000;
    private const int Rest = 3_000_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/acme/new-order", "application/jose+json")]
    [InlineData("/acme/new-order", "text/plain")]
    [InlineData("/acme/nothing", "application/jose+json")]
    [InlineData("/ocsp/issuing", "application/ocsp-request")]
    [InlineData("/health/live", "text/plain")]
    public async Task After_the_refusal_of_a_body_of_megabytes_the_rest_is_taken_in_and_the_connection_closes_as_announced(string path, string type)
    {
        await using var connection = await RawConnection.OpenAsync(shared.Server, ListenerOf(path), Cancellation);
        await connection.WriteAsync($"POST {path} HTTP/1.1\r\nHost: {ListenerOf(path).Authority}\r\nContent-Type: {type}\r\nContent-Length: {First + Rest}\r\n\r\n", Cancellation);
        await connection.Stream.WriteAsync(new byte[First], Cancellation);

        var answer = await connection.ReadAnswerAsync(Cancellation);
        await connection.Stream.WriteAsync(new byte[Rest], Cancellation);

        Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        // An end, where a reset would be an exception.
        Assert.Equal(0, await connection.Stream.ReadAsync(new byte[1], Cancellation));
    }

    [Theory]
    [InlineData("/acme/new-order", "application/jose+json")]
    [InlineData("/ocsp/issuing", "application/ocsp-request")]
    public async Task After_the_refusal_of_a_body_that_did_not_say_how_long_it_is_the_connection_serves_on(string path, string type)
    {
        await using var connection = await RawConnection.OpenAsync(shared.Server, ListenerOf(path), Cancellation);
        await connection.WriteAsync($"POST {path} HTTP/1.1\r\nHost: {ListenerOf(path).Authority}\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n\r\n{First + Rest:x}\r\n", Cancellation);
        await connection.Stream.WriteAsync(new byte[First], Cancellation);

        var refused = await connection.ReadAnswerAsync(Cancellation);
        await connection.Stream.WriteAsync(new byte[Rest], Cancellation);
        await connection.WriteAsync($"\r\n0\r\n\r\nHEAD /ca/root.pem HTTP/1.1\r\nHost: {ListenerOf(path).Authority}\r\n\r\n", Cancellation);
        var next = await connection.ReadAnswerAsync(Cancellation);

        Assert.StartsWith("HTTP/1.1 413 ", refused, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_HTTP_2_the_refusal_of_a_body_of_megabytes_leaves_the_connection_as_it_is()
    {
        using var client = shared.Server.NewClient();
        client.DefaultRequestVersion = HttpVersion.Version20;
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        for (var i = 0; i < 3; i++)
        {
            using var body = new ByteArrayContent(new byte[First + Rest]) { Headers = { { "Content-Type", "application/jose+json" } } };
            using var refused = await client.PostAsync(new Uri("/acme/new-order", UriKind.Relative), body, Cancellation);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
            Assert.Null(refused.Headers.ConnectionClose);
            using var next = await client.GetAsync(shared.Server.Directory, Cancellation);
            Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        }
    }

    private Uri ListenerOf(string path) =>
        path.StartsWith("/acme/", StringComparison.Ordinal) ? shared.Server.PublicUrl
        : path.StartsWith("/ocsp/", StringComparison.Ordinal) ? shared.Server.StatusUrl
        : shared.Server.AdminUrl;
}
