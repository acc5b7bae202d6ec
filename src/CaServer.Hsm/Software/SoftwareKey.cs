using System.Security.Cryptography;

namespace CaServer.Hsm.Software;

/// <summary>A private key in memory. One key object may sign for many threads at once.</summary>
internal sealed class SoftwareKey : CaKey
{
    private readonly AsymmetricAlgorithm _key;

    private SoftwareKey(string label, CaKeyKind kind, AsymmetricAlgorithm key)
        : base(label, kind, key.ExportSubjectPublicKeyInfo()) => _key = key;

    /// <summary>Makes a key.</summary>
    public static SoftwareKey Generate(string label, CaKeyKind kind) =>
        new(label, kind, kind.IsRsa() ? RSA.Create(kind.Bits()) : ECDsa.Create(kind.Curve()));

    /// <summary>Decrypts a key. Throws <see cref="HsmException"/>: PinIncorrect, KeyUnusable.</summary>
    public static SoftwareKey Read(string label, string path, byte[] encryptedPkcs8, byte[] passphrase)
    {
        // The kind of key is known only once it is decrypted, and each class reads only its own.
        var key = TryImport(ECDsa.Create(), encryptedPkcs8, passphrase)
            ?? TryImport(RSA.Create(), encryptedPkcs8, passphrase)
            ?? throw new HsmException(HsmFault.PinIncorrect, $"The key file {path} does not open with the passphrase, or is damaged.");
        if (KindOf(key) is { } kind)
            return new SoftwareKey(label, kind, key);
        key.Dispose();
        throw new HsmException(HsmFault.KeyUnusable, $"The key file {path} does not hold a P-256, P-384, RSA-2048, RSA-3072 or RSA-4096 key.");
    }

    /// <summary>The key as encrypted PKCS#8 in DER.</summary>
    public byte[] Export(byte[] passphrase, int iterations) =>
        _key.ExportEncryptedPkcs8PrivateKey(passphrase, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, iterations));

    internal override byte[] SignHash(ReadOnlySpan<byte> hash, HashAlgorithmName name) => _key switch
    {
        ECDsa key => key.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence),
        RSA key => key.SignHash(hash, name, RSASignaturePadding.Pkcs1),
        _ => throw new InvalidOperationException("A key is EC or RSA."),
    };

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _key.Dispose();
    }

    private static AsymmetricAlgorithm? TryImport(AsymmetricAlgorithm key, byte[] encryptedPkcs8, byte[] passphrase)
    {
        try
        {
            key.ImportEncryptedPkcs8PrivateKey(passphrase, encryptedPkcs8, out _);
            return key;
        }
        catch (CryptographicException)
        {
            key.Dispose();
            return null;
        }
    }

    private static CaKeyKind? KindOf(AsymmetricAlgorithm key)
    {
        if (key is RSA)
            return CaKeyKindFacts.RsaOf(key.KeySize);
        // The curve and not only its size: there are other curves of 256 and 384 bits.
        return ((ECDsa)key).ExportParameters(false).Curve.Oid.Value switch
        {
            "1.2.840.10045.3.1.7" => CaKeyKind.P256,
            "1.3.132.0.34" => CaKeyKind.P384,
            _ => null,
        };
    }
}
