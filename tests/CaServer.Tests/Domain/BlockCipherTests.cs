using CaServer.Domain;

namespace CaServer.Tests.Domain;

public sealed class BlockCipherTests
{
    // FIPS 197, appendix C.1.
    private static readonly byte[] s_key = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");
    private static readonly byte[] s_clear = Convert.FromHexString("00112233445566778899aabbccddeeff");
    private static readonly byte[] s_sealed = Convert.FromHexString("69c4e0d86a7b0430d8cdb78070b4c55a");

    [Fact]
    public void A_block_is_encrypted_as_the_standard_says_and_comes_back()
    {
        using var cipher = new BlockCipher(s_key);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(s_sealed, cipher.Encrypt(s_clear));
            Assert.Equal(s_clear, cipher.Decrypt(s_sealed));
        }
    }

    [Fact]
    public void Many_threads_may_use_one()
    {
        using var cipher = new BlockCipher(s_key);
        Parallel.For(0, 2000, i =>
        {
            var block = new byte[BlockCipher.BlockLength];
            BitConverter.TryWriteBytes(block, i);
            Assert.Equal(block, cipher.Decrypt(cipher.Encrypt(block)));
        });
    }

    [Fact]
    public void A_key_of_another_length_is_refused() => Assert.Throws<ArgumentException>(() => new BlockCipher(s_key.AsSpan(1)));
}
