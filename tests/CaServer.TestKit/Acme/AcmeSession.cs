using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace CaServer.TestKit.Acme;

/// <summary>
/// A conversation with an ACME server, one request at a time as a test wants it. It retries nothing and repairs nothing.
/// </summary>
public sealed class AcmeSession
{
    private readonly HttpClient _client;
    private readonly CancellationToken _cancellation;
    // Some tests send several requests at once.
    private readonly ConcurrentQueue<string> _nonces = [];

    private AcmeSession(HttpClient client, JsonElement directory, CancellationToken cancellation)
    {
        _client = client;
        Directory = directory;
        _cancellation = cancellation;
    }

    /// <summary>The directory.</summary>
    public JsonElement Directory { get; }

    /// <summary>Fetches the directory.</summary>
    public static async Task<AcmeSession> OpenAsync(HttpClient client, Uri directory, CancellationToken cancellation)
    {
        using var response = await client.GetAsync(directory, cancellation);
        var answer = await AcmeAnswer.ReadAsync(response, cancellation);
        return new AcmeSession(client, answer.Json, cancellation);
    }

    /// <summary>The URL of a directory entry.</summary>
    public string Url(string entry) => Directory.GetProperty(entry).GetString()!;

    /// <summary>A nonce that was not used yet.</summary>
    public async Task<string> NonceAsync()
    {
        if (_nonces.TryDequeue(out var nonce))
            return nonce;
        var answer = await SendAsync(HttpMethod.Head, Url("newNonce"), null as byte[]);
        return _nonces.TryDequeue(out nonce) ? nonce : throw new InvalidOperationException($"newNonce gave no nonce: {answer}");
    }

    /// <summary>Sends any request.</summary>
    public Task<AcmeAnswer> SendAsync(HttpMethod method, string url, string? body = null, string contentType = "application/jose+json") =>
        SendAsync(method, url, body is null ? null : Encoding.UTF8.GetBytes(body), contentType);

    /// <summary>Sends any request with any octets.</summary>
    public async Task<AcmeAnswer> SendAsync(HttpMethod method, string url, byte[]? body, string contentType = "application/jose+json", bool isChunked = false)
    {
        using var request = new HttpRequestMessage(method, url);
        request.Headers.TransferEncodingChunked = isChunked ? true : null;
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (contentType.Length > 0)
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }
        using var response = await _client.SendAsync(request, _cancellation);
        var answer = await AcmeAnswer.ReadAsync(response, _cancellation);
        if (answer.Nonce is { } nonce)
            _nonces.Enqueue(nonce);
        return answer;
    }

    /// <summary>Posts a request signed with <c>kid</c>; an empty payload is POST-as-GET.</summary>
    public async Task<AcmeAnswer> PostAsync(TestAccountKey key, string kid, string url, string payload) =>
        await SendAsync(HttpMethod.Post, url, key.Jws(Header(key, url, await NonceAsync(), kid), payload));

    /// <summary>Posts a request signed with the embedded key.</summary>
    public async Task<AcmeAnswer> PostWithKeyAsync(TestAccountKey key, string url, string payload) =>
        await SendAsync(HttpMethod.Post, url, key.Jws(Header(key, url, await NonceAsync(), null), payload));

    /// <summary>Creates an account.</summary>
    public async Task<TestAccount> CreateAccountAsync(TestAccountKey? key = null)
    {
        key ??= TestAccountKey.Create();
        var answer = await PostWithKeyAsync(key, Url("newAccount"), """{"termsOfServiceAgreed":true}""");
        return answer.Status == 201
            ? new TestAccount(this, key, answer.Location!)
            : throw new InvalidOperationException($"newAccount failed: {answer}");
    }

    /// <summary>The protected header of an honest request.</summary>
    public static string Header(TestAccountKey key, string url, string nonce, string? kid) =>
        $$"""{"alg":"{{key.Algorithm}}","nonce":"{{nonce}}","url":"{{url}}",{{(kid is null ? $"\"jwk\":{key.Jwk}" : $"\"kid\":\"{kid}\"")}}}""";
}

/// <summary>An account of a test at a server.</summary>
public sealed record TestAccount(AcmeSession Session, TestAccountKey Key, string Url)
{
    /// <summary>Posts a request of the account.</summary>
    public Task<AcmeAnswer> PostAsync(string url, string payload) => Session.PostAsync(Key, Url, url, payload);

    /// <summary>POST-as-GET.</summary>
    public Task<AcmeAnswer> GetAsync(string url) => Session.PostAsync(Key, Url, url, "");

    /// <summary>Places an order for domain names.</summary>
    public Task<AcmeAnswer> OrderAsync(params string[] names)
    {
        var identifiers = string.Join(',', names.Select(n => $$"""{"type":"dns","value":{{JsonSerializer.Serialize(n)}}}"""));
        return PostAsync(Session.Url("newOrder"), $$"""{"identifiers":[{{identifiers}}]}""");
    }

    /// <summary>Polls a resource until its status is none of those that mean "wait".</summary>
    public async Task<AcmeAnswer> PollAsync(string url, TimeSpan atMost, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(atMost);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var answer = await GetAsync(url);
            if (answer.Status != 200 || answer["status"] is not ("pending" or "processing"))
                return answer;
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }
}
