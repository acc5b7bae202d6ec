using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace CaServer.Pki;

/// <summary>
/// Remembers what came of checking octets, by their SHA-256: whether a signature verifies never changes, and asking again costs
/// more than anything else that is done with a request. Only good verdicts are kept, so a stranger fills it no faster than with
/// work of their own. Two generations bound it; native keys that fall out are freed by the collector, since another thread may be
/// using them.
/// </summary>
/// <param name="generationSize">Verdicts in one generation; at most about twice as many are kept.</param>
public sealed class VerdictCache<T>(int generationSize) where T : class
{
    private readonly Lock _turn = new();
    private volatile ConcurrentDictionary<Sha256Digest, T> _young = new();
    private volatile ConcurrentDictionary<Sha256Digest, T> _old = new();

    /// <summary>What was remembered for the digest; null if nothing was.</summary>
    public T? Find(Sha256Digest key)
    {
        if (_young.TryGetValue(key, out var known))
            return known;
        if (!_old.TryGetValue(key, out known))
            return null;
        Remember(key, known);
        return known;
    }

    /// <summary>Keeps a verdict.</summary>
    public void Remember(Sha256Digest key, T verdict)
    {
        _young[key] = verdict;
        if (_young.Count > generationSize)
            Turn();
    }

    private void Turn()
    {
        lock (_turn)
        {
            if (_young.Count <= generationSize)
                return;
            _old = _young;
            _young = new ConcurrentDictionary<Sha256Digest, T>();
        }
    }
}

/// <summary>A SHA-256 hash as a key of a table.</summary>
/// <param name="High">The first half, big-endian.</param>
/// <param name="Low">The second half.</param>
public readonly record struct Sha256Digest(UInt128 High, UInt128 Low)
{
    /// <summary>The hash of these octets.</summary>
    public static Sha256Digest Of(ReadOnlySpan<byte> octets)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(octets, digest);
        return Read(digest);
    }

    /// <summary>The hash of what was appended.</summary>
    public static Sha256Digest Of(IncrementalHash sha256)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        sha256.GetHashAndReset(digest);
        return Read(digest);
    }

    private static Sha256Digest Read(ReadOnlySpan<byte> digest) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(digest), BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));
}
