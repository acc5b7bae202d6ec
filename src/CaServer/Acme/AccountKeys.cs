using System.Collections.Concurrent;
using CaServer.Domain;
using CaServer.Pki.Jose;

namespace CaServer.Acme;

/// <summary>
/// Imported account keys, by thumbprint. Importing a key costs three times as much as verifying with it. Two generations bound
/// the cache: when the young one is full the old one is dropped, and its native keys go with the garbage collector, because
/// another thread may still be verifying with one.
/// </summary>
internal sealed class AccountKeys
{
    private const int Generation = 10_000;

    private readonly Lock _lock = new();
    private ConcurrentDictionary<string, AccountKey> _young = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, AccountKey> _old = new(StringComparer.Ordinal);

    /// <summary>The imported key of an account.</summary>
    public AccountKey Of(Account account)
    {
        if (_young.TryGetValue(account.Thumbprint, out var key))
            return key;
        if (!_old.TryGetValue(account.Thumbprint, out key))
            key = AccountKey.Import(JsonWebKey.Parse(account.Jwk));
        lock (_lock)
        {
            if (_young.Count >= Generation)
            {
                _old = _young;
                _young = new ConcurrentDictionary<string, AccountKey>(StringComparer.Ordinal);
            }
            return _young.GetOrAdd(account.Thumbprint, key);
        }
    }
}
