using System.Text.Json;

namespace CaServer.Bench.Acme;

/// <summary>The URLs of RFC 8555 §7.1.1 that an order and a revocation need.</summary>
internal sealed record AcmeDirectory(string NewNonce, string NewAccount, string NewOrder, string RevokeCert)
{
    public static async Task<AcmeDirectory> FetchAsync(HttpClient http, Uri url, CancellationToken ct)
    {
        using var document = JsonDocument.Parse(await http.GetByteArrayAsync(url, ct));
        var root = document.RootElement;
        return new AcmeDirectory(Url("newNonce"), Url("newAccount"), Url("newOrder"), Url("revokeCert"));

        string Url(string name) => root.TryGetProperty(name, out var value) && value.GetString() is { } text
            ? text
            : throw new AcmeFailure($"the directory {url} has no {name}");
    }
}
