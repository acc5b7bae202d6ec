using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using CaServer.Conformance.Acme;

namespace CaServer.Conformance.Suite;

/// <summary>One case at work: requests to the server, with the last answer kept for the report.</summary>
internal sealed partial class Trial(ServerUnderTest server, CancellationToken cancellation)
{
    private const int MaxAttempts = 10;

    public ServerUnderTest Server => server;

    public CancellationToken Cancellation => cancellation;

    public Traffic Traffic => server.Traffic;

    public AcmeObject Directory => server.Directory;

    /// <summary>The directory's <c>meta</c>, which is optional.</summary>
    public AcmeObject? Meta => Directory.Has("meta") ? Directory.Object("meta") : null;

    /// <summary>The server's last answer, in one line.</summary>
    public string? Observed { get; private set; }

    /// <summary>The URL of a resource that every server has.</summary>
    public string Url(string resource) => Directory.Url(resource);

    /// <summary>The URL of a resource that a server may have.</summary>
    public string OptionalUrl(string resource) =>
        Directory.Has(resource) ? Directory.Url(resource) : throw new NotApplicable($"the directory has no {resource}");

    public Task<AcmeAnswer> GetAsync(string url) => SendAsync(HttpMethod.Get, url);

    public async Task<AcmeAnswer> SendAsync(HttpMethod method, string url, byte[]? body = null, string? contentType = null, string? accept = null)
    {
        using var request = new HttpRequestMessage(method, url);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (contentType is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
        if (accept is not null)
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        using var response = await server.Http.SendAsync(request, cancellation);
        var answer = new AcmeAnswer(method.Method, url, response, await response.Content.ReadAsByteArrayAsync(cancellation));
        Traffic.Add(answer);
        Observed = answer.Summary;
        return answer;
    }

    /// <summary>A nonce that was never used.</summary>
    public async Task<string> NonceAsync()
    {
        if (server.Nonces.TryTake(out var nonce))
            return nonce;
        return await FreshNonceAsync();
    }

    /// <summary>A nonce straight from newNonce.</summary>
    public async Task<string> FreshNonceAsync()
    {
        var answer = await SendAsync(HttpMethod.Head, Url("newNonce"));
        return answer.Nonce ?? throw new Undecidable($"newNonce gave no nonce: {answer.Summary}");
    }

    /// <summary>A request signed by an account (<c>kid</c>). An empty payload is POST-as-GET.</summary>
    public Task<AcmeAnswer> PostAsync(Account account, string url, string payload, Action<JwsRequest>? change = null) =>
        PostAsync(account.Key, ("kid", account.Url), url, payload, change);

    /// <summary>POST-as-GET.</summary>
    public Task<AcmeAnswer> ReadAsync(Account account, string url) => PostAsync(account, url, "");

    /// <summary>A request that carries its key (<c>jwk</c>).</summary>
    public Task<AcmeAnswer> PostWithKeyAsync(SigningKey key, string url, string payload, Action<JwsRequest>? change = null) =>
        PostAsync(key, ("jwk", key.Jwk), url, payload, change);

    /// <summary>Sends a body as it is.</summary>
    public async Task<AcmeAnswer> PostBodyAsync(string url, byte[] body, string? contentType = JwsRequest.JoseJson, string? accept = null)
    {
        var answer = await SendAsync(HttpMethod.Post, url, body, contentType, accept);
        if (answer.Nonce is { } nonce)
            server.Nonces.Add(nonce);
        return answer;
    }

    private async Task<AcmeAnswer> PostAsync(SigningKey key, (string Name, JsonNode Value) signer, string url, string payload, Action<JwsRequest>? change)
    {
        for (var attempt = 1; ; attempt++)
        {
            var header = new JsonObject
            {
                ["alg"] = key.Algorithm,
                ["nonce"] = await NonceAsync(),
                ["url"] = url,
                [signer.Name] = signer.Value.DeepClone(),
            };
            var request = new JwsRequest(key, header, payload);
            change?.Invoke(request);
            var answer = await PostBodyAsync(url, request.Serialize(), request.ContentType);
            if (answer.ProblemType != "badNonce" || !request.IsRetried || attempt == MaxAttempts)
                return answer;
        }
    }
}

/// <summary>An account at the server.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Url">Its URL, the <c>kid</c>.</param>
internal sealed record Account(SigningKey Key, string Url);
