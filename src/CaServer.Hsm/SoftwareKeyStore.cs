using System.Security.Cryptography;
using System.Text;
using CaServer.Hsm.Files;
using CaServer.Hsm.Software;

namespace CaServer.Hsm;

/// <summary>
/// CA keys in encrypted PKCS#8 files (RFC 5958, PBES2 of RFC 8018 with AES-256-CBC), for a machine where no PKCS#11 module can
/// be had: whoever takes the files and the passphrase has the keys, and while the server runs they are in its memory.
/// </summary>
public sealed class SoftwareKeyStore : ICaKeyStore
{
    // OWASP's number for PBKDF2 with HMAC-SHA-256 (2023); about 0.2 s for each key at start, and never again.
    private const int Iterations = 600_000;

    private const int MaxLabelLength = 64;
    private const int MaxFileLength = 16 * 1024;
    private const string Extension = ".key.pem";

    private readonly string _directory;
    private readonly byte[] _passphrase;

    private SoftwareKeyStore(string directory, string passphrase)
    {
        _directory = directory;
        _passphrase = Encoding.UTF8.GetBytes(passphrase);
    }

    /// <summary>
    /// Opens the directory of keys, which is made when it is missing. A wrong passphrase shows when a key is read
    /// (<see cref="HsmFault.PinIncorrect"/>). Throws <see cref="HsmException"/>: StorageUnusable, PinUnusable.
    /// </summary>
    public static SoftwareKeyStore Open(string directory, string passphrase)
    {
        if (passphrase.Length == 0)
            throw new HsmException(HsmFault.PinUnusable, "The passphrase of the key files is empty.");
        directory = Path.GetFullPath(directory);
        try
        {
            PrivateFile.CreateDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HsmException(HsmFault.StorageUnusable, $"The directory of key files {directory} cannot be made: {e.Message}", e);
        }
        return new SoftwareKeyStore(directory, passphrase);
    }

    /// <inheritdoc/>
    public CaKey Generate(string label, CaKeyKind kind)
    {
        var path = PathOf(label);
        if (File.Exists(path))
            throw Exists(path);
        var key = SoftwareKey.Generate(label, kind);
        try
        {
            var pem = PemEncoding.WriteUtf8("ENCRYPTED PRIVATE KEY"u8, key.Export(_passphrase, Iterations));
            return PrivateFile.TryCreate(path, pem) ? key : throw Exists(path);
        }
        catch (Exception e)
        {
            key.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw new HsmException(HsmFault.StorageUnusable, $"The key file {path} cannot be written: {e.Message}", e);
            throw;
        }
    }

    /// <inheritdoc/>
    public CaKey? Find(string label)
    {
        var path = PathOf(label);
        byte[]? contents;
        bool isPrivate;
        try
        {
            contents = PrivateFile.Read(path, MaxFileLength, out isPrivate);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HsmException(HsmFault.StorageUnusable, $"The key file {path} cannot be read: {e.Message}", e);
        }
        if (!isPrivate)
            throw new HsmException(HsmFault.KeyUnusable, $"The key file {path} may be read by others than its owner; run: chmod 600 '{path}'");
        if (contents is null || !PemEncoding.TryFindUtf8(contents, out var fields) || !contents.AsSpan()[fields.Label].SequenceEqual("ENCRYPTED PRIVATE KEY"u8))
            throw new HsmException(HsmFault.KeyUnusable, $"The file {path} is not an encrypted PKCS#8 key in PEM.");
        return SoftwareKey.Read(label, path, Convert.FromBase64String(Encoding.ASCII.GetString(contents.AsSpan()[fields.Base64Data])), _passphrase);
    }

    /// <summary>Forgets the passphrase; the keys that were handed out stay usable until they are disposed.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_passphrase);

    private static HsmException Exists(string path) => new(HsmFault.KeyExists, $"There is a key file {path} already.");

    private string PathOf(string label)
    {
        if (label.Length is 0 or > MaxLabelLength || label[0] is '.' or '-' || !label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new ArgumentException($"The label of a key file has 1 to {MaxLabelLength} letters, digits, '-', '_' or '.', and starts with a letter, digit or '_'.", nameof(label));
        return Path.Combine(_directory, label + Extension);
    }
}
