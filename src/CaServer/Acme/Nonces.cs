using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace CaServer.Acme;

/// <summary>
/// Anti-replay nonces (RFC 8555 §6.5): one AES block over an instance tag, the time and a counter. Making one stores nothing; a
/// used one costs one bit of a fixed bitmap. A nonce of another instance, or from before a restart, is unknown here.
/// </summary>
/// <param name="clock">The time.</param>
/// <param name="lifetime">How long a nonce is good.</param>
/// <param name="window">How many of the newest nonces are remembered, a multiple of 64; older ones are refused.</param>
internal sealed class Nonces(TimeProvider clock, TimeSpan lifetime, int window = Nonces.DefaultWindow) : IDisposable
{
    // 16 Mi bits take 2 MiB, and outlast an hour of more requests than one machine can answer.
    private const int DefaultWindow = 1 << 24;

    private const int BlockLength = 16;
    private const int TextLength = 22;

    private readonly Aes _aes = NewCipher();
    private readonly uint _instance = BinaryPrimitives.ReadUInt32BigEndian(RandomNumberGenerator.GetBytes(4));
    private readonly long[] _used = new long[window / 64];
    private readonly Lock _lock = new();
    private long _issued;

    /// <summary>A fresh nonce, base64url (RFC 8555 §6.5.1).</summary>
    public string Issue()
    {
        long counter;
        lock (_lock)
        {
            counter = _issued++;
            // The bit belonged to a nonce that has now left the window.
            _used[Word(counter)] &= ~Bit(counter);
        }
        Span<byte> block = stackalloc byte[BlockLength];
        BinaryPrimitives.WriteUInt32BigEndian(block, _instance);
        BinaryPrimitives.WriteUInt32BigEndian(block[4..], (uint)clock.GetUtcNow().ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt64BigEndian(block[8..], counter);
        Span<byte> sealedBlock = stackalloc byte[BlockLength];
        _aes.EncryptEcb(block, sealedBlock, PaddingMode.None);
        return Base64Url.EncodeToString(sealedBlock);
    }

    /// <summary>Uses a nonce up; false if it is not one of ours, too old, or used before.</summary>
    public bool TryRedeem(string nonce)
    {
        Span<byte> sealedBlock = stackalloc byte[BlockLength];
        if (nonce.Length != TextLength || Base64Url.DecodeFromChars(nonce, sealedBlock, out _, out var written) != OperationStatus.Done || written != BlockLength)
            return false;
        Span<byte> block = stackalloc byte[BlockLength];
        _aes.DecryptEcb(sealedBlock, block, PaddingMode.None);
        if (BinaryPrimitives.ReadUInt32BigEndian(block) != _instance)
            return false;
        var age = (uint)clock.GetUtcNow().ToUnixTimeSeconds() - BinaryPrimitives.ReadUInt32BigEndian(block[4..]);
        if (age > lifetime.TotalSeconds)
            return false;
        var counter = BinaryPrimitives.ReadInt64BigEndian(block[8..]);
        lock (_lock)
        {
            if (counter < 0 || counter >= _issued || counter < _issued - window)
                return false;
            ref var word = ref _used[Word(counter)];
            if ((word & Bit(counter)) != 0)
                return false;
            word |= Bit(counter);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _aes.Dispose();

    private int Word(long counter) => (int)(counter % window / 64);

    private static long Bit(long counter) => 1L << (int)(counter % 64);

    private static Aes NewCipher()
    {
        var aes = Aes.Create();
        aes.SetKey(RandomNumberGenerator.GetBytes(16));
        return aes;
    }
}
