using System.Net.Http.Headers;
using System.Text.Json;

namespace CaServer.Bench.Acme;

/// <summary>The few verbs of RFC 8555 over one HttpClient. Nonces are taken from the pool, which every answer feeds.</summary>
internal sealed class AcmeClient(HttpClient http, AcmeDirectory directory, NoncePool nonces)
{
    private const int NonceAttempts = 5;
    private static readonly MediaTypeHeaderValue s_jose = new("application/jose+json");

    public AcmeDirectory Directory => directory;

    /// <summary>Requests sent, those answered with badNonce too.</summary>
    public int Requests { get; private set; }

    /// <summary>Requests that had to be sent again because the server refused the nonce (RFC 8555 §6.5).</summary>
    public int BadNonces { get; private set; }

    /// <summary>HEAD newNonce; the nonce goes into the pool.</summary>
    public async Task FetchNonceAsync(CancellationToken ct)
    {
        Requests++;
        using var request = new HttpRequestMessage(HttpMethod.Head, directory.NewNonce);
        using var response = await http.SendAsync(request, ct);
        if (!response.IsSuccessStatusCode || !Harvest(response))
            throw new AcmeFailure($"newNonce answered {(int)response.StatusCode} without a usable Replay-Nonce");
    }

    /// <summary>A signed POST; an empty payload is a POST-as-GET.</summary>
    /// <exception cref="AcmeFailure">The answer is no success, or the nonce was refused too often.</exception>
    public async Task<AcmeReply> PostAsync(AccountSigner account, string url, ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            string? nonce;
            while ((nonce = nonces.Take()) is null)
                await FetchNonceAsync(ct);

            Requests++;
            using var content = new ByteArrayContent(account.Sign(url, nonce, payload.Span));
            content.Headers.ContentType = s_jose;
            using var response = await http.PostAsync(url, content, ct);
            Harvest(response);
            var body = await response.Content.ReadAsByteArrayAsync(ct);
            if (response.IsSuccessStatusCode)
                return new AcmeReply(response.Headers.Location?.OriginalString, body);

            var (type, detail) = Problem(body);
            if (type != "urn:ietf:params:acme:error:badNonce" || attempt == NonceAttempts)
                throw new AcmeFailure($"{(int)response.StatusCode} {type}: {detail}");
            BadNonces++;
        }
    }

    private bool Harvest(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Replay-Nonce", out var values))
            return false;
        nonces.Add(values.First());
        return true;
    }

    private static (string Type, string Detail) Problem(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return (Text(document.RootElement, "type"), Text(document.RootElement, "detail"));
        }
        catch (JsonException)
        {
            return ("no problem document", $"{body.Length} bytes");
        }
    }

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.ToString() : "";
}
