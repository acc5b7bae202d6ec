using System.Security.Cryptography;
using System.Text;
using CaServer.Composition;
using CaServer.Hsm.Files;

namespace CaServer.Acme;

/// <summary>
/// The AES-256 key that the MAC keys in the database are encrypted with: a file of its own (base64, mode 0600), so that a copy of
/// the database alone binds no account. It is made with the first MAC key and read anew each time: a binding is rare.
/// </summary>
internal sealed class MacKeyFile(string path)
{
    private const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int MaxFileLength = 1024;

    /// <summary>Whether the file is there.</summary>
    public bool Exists => File.Exists(path);

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>Makes the file, unless it is there.</summary>
    /// <exception cref="OperatorFaultException">It cannot be written.</exception>
    public void MakeIfMissing()
    {
        if (Exists)
            return;
        try
        {
            // Of two processes that make it at once, one is first and both use its key.
            PrivateFile.TryCreate(path, Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyLength)) + "\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OperatorFaultException("Data:Directory", $"{path} cannot be written ({e.Message.TrimEnd('.')}); run this command as the user that the server runs as", e);
        }
    }

    /// <summary>Encrypts a MAC key: nonce, ciphertext and tag of AES-256-GCM. It decrypts for the same key identifier only.</summary>
    public byte[] Seal(string kid, ReadOnlySpan<byte> macKey)
    {
        var sealedKey = new byte[NonceLength + macKey.Length + TagLength];
        var nonce = sealedKey.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = Open();
        aes.Encrypt(nonce, macKey, sealedKey.AsSpan(NonceLength, macKey.Length), sealedKey.AsSpan(NonceLength + macKey.Length), Encoding.UTF8.GetBytes(kid));
        return sealedKey;
    }

    /// <summary>Decrypts a MAC key.</summary>
    /// <exception cref="OperatorFaultException">The file is missing, unreadable, or not the one that it was encrypted with.</exception>
    public byte[] Unseal(string kid, ReadOnlySpan<byte> sealedKey)
    {
        if (sealedKey.Length < NonceLength + TagLength)
            throw Mismatch(kid, null);
        var macKey = new byte[sealedKey.Length - NonceLength - TagLength];
        using var aes = Open();
        try
        {
            aes.Decrypt(sealedKey[..NonceLength], sealedKey[NonceLength..^TagLength], sealedKey[^TagLength..], macKey, Encoding.UTF8.GetBytes(kid));
            return macKey;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw Mismatch(kid, e);
        }
    }

    private AesGcm Open()
    {
        byte[]? contents;
        bool isPrivate;
        try
        {
            contents = PrivateFile.Read(path, MaxFileLength, out isPrivate);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OperatorFaultException("Data:Directory", $"{path}, which external account keys are encrypted with, cannot be read ({e.Message.TrimEnd('.')}); restore it from a backup, or let the server's user own it", e);
        }
        if (!isPrivate)
            throw new OperatorFaultException("Data:Directory", $"{path} may be read by others than its owner; run: chmod 600 '{path}'", null);
        var key = new byte[KeyLength];
        if (contents is null || !Convert.TryFromBase64String(Encoding.ASCII.GetString(contents).Trim(), key, out var length) || length != KeyLength)
            throw Unusable();
        try
        {
            return new AesGcm(key, TagLength);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private OperatorFaultException Unusable() => new("Data:Directory", $"{path} is not 32 octets in base64; restore it from a backup", null);

    private OperatorFaultException Mismatch(string kid, Exception? inner) => new(
        "Data:Directory", $"{path} is not the file that the external account key {kid} was encrypted with; restore the one that goes with this database from a backup, or rotate the key", inner);
}
