using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>
/// Anti-replay nonces (RFC 8555 §6.5): one AES block over an instance tag, the time and a counter. Making one stores nothing. A
/// single process keeps a bit for each that was used, in a fixed bitmap, and does not know those of another or from before a
/// restart. Several instances on one database share the key and write down what was used, so that a nonce of any is good, once, at
/// any.
/// </summary>
/// <param name="key">AES-128 key: random where <paramref name="shared"/> is null, else the same at every instance.</param>
/// <param name="clock">The time.</param>
/// <param name="lifetime">How long a nonce is good.</param>
/// <param name="shared">Where several instances write down what was used; null for a single process.</param>
/// <param name="window">How many of the newest nonces a single process remembers, a multiple of 64; older ones are refused.</param>
internal sealed class Nonces(byte[] key, TimeProvider clock, TimeSpan lifetime, NonceStore? shared, int window = Nonces.DefaultWindow) : IDisposable
{
    /// <summary>Octets of the key.</summary>
    internal const int KeyLength = BlockCipher.KeyLength;

    // 16 Mi bits take 2 MiB, and outlast an hour of more requests than one machine can answer.
    private const int DefaultWindow = 1 << 24;

    // No process makes so many; with the time it tells a block that nobody made from one of ours.
    private const long MaxCounter = 1L << 40;

    private const int TextLength = 22;

    private readonly BlockCipher _cipher = new(key);
    private readonly uint _instance = BinaryPrimitives.ReadUInt32BigEndian(RandomNumberGenerator.GetBytes(4));
    private readonly long[] _used = new long[shared is null ? window / 64 : 0];
    private readonly Lock _lock = new();
    private long _issued;

    /// <summary>A fresh nonce, base64url (RFC 8555 §6.5.1).</summary>
    public string Issue()
    {
        var block = new byte[BlockCipher.BlockLength];
        BinaryPrimitives.WriteUInt32BigEndian(block, _instance);
        BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(4), Seconds(clock.GetUtcNow()));
        BinaryPrimitives.WriteInt64BigEndian(block.AsSpan(8), NextCounter());
        return Base64Url.EncodeToString(_cipher.Encrypt(block));
    }

    /// <summary>Uses a nonce up; false if it is not one of ours, too old, or used before.</summary>
    public ValueTask<bool> RedeemAsync(string nonce, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (Open(nonce) is not { } block)
            return new(false);
        var age = Seconds(now) - BinaryPrimitives.ReadUInt32BigEndian(block.AsSpan(4));
        var counter = BinaryPrimitives.ReadInt64BigEndian(block.AsSpan(8));
        if (age > lifetime.TotalSeconds || counter is < 0 or > MaxCounter)
            return new(false);
        if (shared is not null)
            return new(shared.RedeemAsync(block, now - TimeSpan.FromSeconds(age) + lifetime + TimeSpan.FromSeconds(1), cancellationToken));
        return new(BinaryPrimitives.ReadUInt32BigEndian(block) == _instance && TryUse(counter));
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    private byte[]? Open(string nonce)
    {
        var sealedBlock = new byte[BlockCipher.BlockLength];
        return nonce.Length == TextLength
            && Base64Url.DecodeFromChars(nonce, sealedBlock, out _, out var written) == OperationStatus.Done
            && written == BlockCipher.BlockLength
            ? _cipher.Decrypt(sealedBlock)
            : null;
    }

    private long NextCounter()
    {
        lock (_lock)
        {
            var counter = _issued++;
            // The bit belonged to a nonce that has now left the window.
            if (shared is null)
                _used[Word(counter)] &= ~Bit(counter);
            return counter;
        }
    }

    private bool TryUse(long counter)
    {
        lock (_lock)
        {
            if (counter >= _issued || counter < _issued - window)
                return false;
            ref var word = ref _used[Word(counter)];
            if ((word & Bit(counter)) != 0)
                return false;
            word |= Bit(counter);
            return true;
        }
    }

    private int Word(long counter) => (int)(counter % window / 64);

    private static long Bit(long counter) => 1L << (int)(counter % 64);

    private static uint Seconds(DateTimeOffset time) => (uint)time.ToUnixTimeSeconds();
}
