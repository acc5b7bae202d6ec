using System.Security.Cryptography;
using System.Text;
using CaServer.Domain;
using CaServer.Pki;

namespace CaServer.Signing;

/// <summary>
/// Remembers key histories that verified, by the SHA-256 of all that the verdict depends on: importing a key and verifying
/// newAccount again costs a third of an issuance, and the verdict about the same octets never changes.
/// </summary>
/// <param name="urls">This server's URLs.</param>
/// <param name="generationSize">Histories in one generation; at most about twice as many are kept.</param>
internal sealed class KeyHistoryCache(AcmeUrls urls, int generationSize = 2048)
{
    private readonly VerdictCache<AccountKeyHistory> _verified = new(generationSize);

    /// <summary>As <see cref="AccountKeyHistory.Verify"/>.</summary>
    internal AccountKeyHistory Verify(IReadOnlyList<byte[]> requests, string accountUrl)
    {
        var key = KeyOf(requests, accountUrl);
        if (_verified.Find(key) is { } known)
            return known;
        var history = AccountKeyHistory.Verify(requests, accountUrl, urls);
        _verified.Remember(key, history);
        return history;
    }

    private static Sha256Digest KeyOf(IReadOnlyList<byte[]> requests, string accountUrl)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Encoding.UTF8.GetBytes(accountUrl));
        foreach (var request in requests)
            Append(hash, request);
        return Sha256Digest.Of(hash);
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
