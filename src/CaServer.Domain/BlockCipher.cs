using System.Security.Cryptography;

namespace CaServer.Domain;

/// <summary>
/// AES-128 of single blocks, as a permutation of numbers. The one-shot calls of <see cref="Aes"/> make a native context each, which
/// costs many times what the block does; so two are kept, one for each direction, and used by one thread at a time.
/// </summary>
public sealed class BlockCipher : IDisposable
{
    /// <summary>Octets of the key.</summary>
    public const int KeyLength = 16;

    /// <summary>Octets of a block.</summary>
    public const int BlockLength = 16;

    private readonly Lock _lock = new();
    private readonly ICryptoTransform _encryptor;
    private readonly ICryptoTransform _decryptor;

    /// <summary>Creates the permutation that goes with a key.</summary>
    public BlockCipher(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyLength)
            throw new ArgumentException($"The key must have {KeyLength} octets.", nameof(key));
        using var aes = Aes.Create();
        aes.SetKey(key);
        aes.Mode = CipherMode.ECB;
        aes.Padding = PaddingMode.None;
        _encryptor = aes.CreateEncryptor();
        _decryptor = aes.CreateDecryptor();
    }

    /// <summary>Encrypts a block.</summary>
    public byte[] Encrypt(byte[] block) => Transform(_encryptor, block);

    /// <summary>Decrypts a block.</summary>
    public byte[] Decrypt(byte[] block) => Transform(_decryptor, block);

    /// <inheritdoc/>
    public void Dispose()
    {
        _encryptor.Dispose();
        _decryptor.Dispose();
    }

    private byte[] Transform(ICryptoTransform transform, byte[] block)
    {
        var result = new byte[BlockLength];
        lock (_lock)
            transform.TransformBlock(block, 0, BlockLength, result, 0);
        return result;
    }
}
