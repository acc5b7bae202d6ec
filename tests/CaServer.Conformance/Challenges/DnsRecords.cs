using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;

namespace CaServer.Conformance.Challenges;

/// <summary>Records in a DNS server that the server under test asks: pebble-challtestsrv, by its management interface.</summary>
internal sealed class DnsRecords(Uri management) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = management };

    /// <summary>The record of dns-01 for a key authorization (RFC 8555 §8.4).</summary>
    public static string Digest(string keyAuthorization) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(keyAuthorization)));

    public Task AddTextAsync(string name, string value, CancellationToken ct) => TellAsync("/set-txt", new { host = name + ".", value }, ct);

    public Task SetAddressAsync(string name, IPAddress address, CancellationToken ct) =>
        TellAsync("/add-a", new { host = name, addresses = new[] { address.ToString() } }, ct);

    public Task SetAliasAsync(string name, string target, CancellationToken ct) => TellAsync("/set-cname", new { host = name, target }, ct);

    public Task FailAsync(string name, CancellationToken ct) => TellAsync("/set-servfail", new { host = name }, ct);

    public void Dispose() => _http.Dispose();

    private async Task TellAsync(string path, object what, CancellationToken ct)
    {
        using var response = await _http.PostAsJsonAsync(path, what, ct);
        response.EnsureSuccessStatusCode();
    }
}
