using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>
/// Remembers key histories that verified, by the SHA-256 of all that the verdict depends on: importing a key and verifying
/// newAccount again costs a third of an issuance, and the verdict about the same octets never changes. Two generations bound it;
/// keys that fall out are freed by the collector, since another thread may be using them.
/// </summary>
/// <param name="urls">This server's URLs.</param>
/// <param name="generationSize">Histories in one generation; at most about twice as many are kept.</param>
internal sealed class KeyHistoryCache(AcmeUrls urls, int generationSize = 2048)
{
    private readonly Lock _turn = new();
    private volatile ConcurrentDictionary<Key, AccountKeyHistory> _young = new();
    private volatile ConcurrentDictionary<Key, AccountKeyHistory> _old = new();

    /// <summary>As <see cref="AccountKeyHistory.Verify"/>.</summary>
    internal AccountKeyHistory Verify(IReadOnlyList<byte[]> requests, string accountUrl)
    {
        var key = Key.Of(requests, accountUrl);
        if (_young.TryGetValue(key, out var known))
            return known;
        var history = _old.TryGetValue(key, out known) ? known : AccountKeyHistory.Verify(requests, accountUrl, urls);
        _young[key] = history;
        if (_young.Count > generationSize)
            Turn();
        return history;
    }

    private void Turn()
    {
        lock (_turn)
        {
            if (_young.Count <= generationSize)
                return;
            _old = _young;
            _young = new ConcurrentDictionary<Key, AccountKeyHistory>();
        }
    }

    private readonly record struct Key(UInt128 High, UInt128 Low)
    {
        internal static Key Of(IReadOnlyList<byte[]> requests, string accountUrl)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Append(hash, Encoding.UTF8.GetBytes(accountUrl));
            foreach (var request in requests)
                Append(hash, request);
            Span<byte> digest = stackalloc byte[32];
            hash.GetHashAndReset(digest);
            return new Key(
                System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest),
                System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));
        }

        // Each part goes in with its length, so that no two lists of parts give the same octets.
        private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
        {
            Span<byte> length = stackalloc byte[4];
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
            hash.AppendData(length);
            hash.AppendData(part);
        }
    }
}
