using CaServer.Domain;
using CaServer.Pki.Jose;

namespace CaServer.Signing;

/// <summary>
/// Every key that an account has had, each vouched for by the one before it: newAccount proves the first (RFC 8555 §7.3), each
/// keyChange the next (§7.3.5). So a control statement made before a key change still speaks for the account, and a key that
/// somebody wrote into the database does not.
/// </summary>
internal sealed class AccountKeyHistory
{
    private readonly List<AccountKey> _keys;

    private AccountKeyHistory(List<AccountKey> keys) => _keys = keys;

    /// <summary>The key that the account has now.</summary>
    internal AccountKey Current => _keys[^1];

    /// <summary>Whether this is the RFC 7638 thumbprint of a key that the account has or had.</summary>
    internal bool HasThumbprint(string thumbprint) => _keys.Exists(k => k.Thumbprint == thumbprint);

    /// <summary>Whether the account has or had this key, given as DER SubjectPublicKeyInfo.</summary>
    internal bool HasKey(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        foreach (var key in _keys)
        {
            if (subjectPublicKeyInfo.SequenceEqual(key.SubjectPublicKeyInfo))
                return true;
        }
        return false;
    }

    /// <summary>Follows the chain.</summary>
    /// <param name="requests">newAccount and every keyChange since, oldest first.</param>
    /// <param name="accountUrl">The account's URL.</param>
    /// <param name="urls">This server's URLs.</param>
    /// <exception cref="RefusedException"><see cref="RefusalReason.KeyHistoryBroken"/>: it is broken.</exception>
    internal static AccountKeyHistory Verify(IReadOnlyList<byte[]> requests, string accountUrl, AcmeUrls urls)
    {
        if (requests.Count is 0 or > EvidenceBounds.MaxKeyHistory)
            throw Broken($"The key history has {requests.Count} requests; it must have 1 to {EvidenceBounds.MaxKeyHistory}.");
        var keys = new List<AccountKey>(requests.Count) { FirstKey(requests[0], urls) };
        for (var i = 1; i < requests.Count; i++)
            keys.Add(KeyChange.NextKey(requests[i], keys[^1], accountUrl, urls));
        return new AccountKeyHistory(keys);
    }

    private static AccountKey FirstKey(byte[] request, AcmeUrls urls)
    {
        const string what = "The first request of the key history";
        var jws = SignedRequest.Read(request, RefusalReason.KeyHistoryBroken, what);
        if (jws.Jwk is null || jws.Url != urls.NewAccount)
            throw Broken($"{what} is not a newAccount request to this server with an embedded key.");
        using var payload = SignedRequest.ReadPayload(jws, RefusalReason.KeyHistoryBroken, what);
        // RFC 8555 §7.3.1: such a request looks an account up and makes none.
        if (payload.RootElement.TryGetProperty("onlyReturnExisting", out var only) && only.ValueKind == System.Text.Json.JsonValueKind.True)
            throw Broken($"{what} only looks an account up.");
        var key = SignedRequest.Strictly(() => AccountKey.Import(jws.Jwk), RefusalReason.KeyHistoryBroken, what);
        return key.Verifies(jws) ? key : throw Broken($"{what} is not signed by the key that it brings.");
    }

    internal static RefusedException Broken(string sentence) => new(RefusalReason.KeyHistoryBroken, sentence);
}
