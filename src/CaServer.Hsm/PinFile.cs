using System.Security.Cryptography;
using System.Text;
using CaServer.Hsm.Files;

namespace CaServer.Hsm;

/// <summary>A file with a PIN or passphrase: UTF-8 text, optionally ended by one line break, mode 0600.</summary>
public static class PinFile
{
    /// <summary>Longest PIN, in octets; PKCS#11 tokens accept no more than 255.</summary>
    public const int MaxLength = 255;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A new PIN of 128 random bits as hexadecimal digits, which every token and shell can take.</summary>
    public static string NewPin() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Reads a PIN. Throws <see cref="HsmException"/>: PinMissing, PinUnsafe, PinUnusable.</summary>
    public static string Read(string path)
    {
        byte[]? bytes;
        bool isPrivate;
        try
        {
            bytes = PrivateFile.Read(path, MaxLength + 2, out isPrivate);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new HsmException(HsmFault.PinMissing, $"The PIN file {path} does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HsmException(HsmFault.PinUnusable, $"The PIN file {path} cannot be read: {e.Message}", e);
        }
        if (!isPrivate)
            throw new HsmException(HsmFault.PinUnsafe, $"The PIN file {path} may be read by others than its owner; run: chmod 600 '{path}'");
        return Parse(path, bytes);
    }

    /// <summary>
    /// Writes a PIN to a new file, durably; false, and never over it, when there is one. Throws <see cref="HsmException"/>: StorageUnusable.
    /// </summary>
    public static bool TryCreate(string path, string pin)
    {
        if (Fault(pin) is { } fault)
            throw new ArgumentException(fault, nameof(pin));
        try
        {
            return PrivateFile.TryCreate(path, s_utf8.GetBytes(pin + "\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HsmException(HsmFault.StorageUnusable, $"The PIN file {path} cannot be written: {e.Message}", e);
        }
    }

    private static string Parse(string path, byte[]? bytes)
    {
        if (bytes is null)
            throw new HsmException(HsmFault.PinUnusable, $"The PIN file {path} is longer than {MaxLength} octets.");
        string text;
        try
        {
            text = s_utf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new HsmException(HsmFault.PinUnusable, $"The PIN file {path} is not UTF-8 text.", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
        if (text.EndsWith('\n'))
            text = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text[..^1];
        return Fault(text) is { } fault ? throw new HsmException(HsmFault.PinUnusable, $"The PIN file {path} is unusable: {fault}") : text;
    }

    private static string? Fault(string pin)
    {
        if (pin.Length == 0)
            return "the PIN is empty.";
        if (s_utf8.GetByteCount(pin) > MaxLength)
            return $"the PIN is longer than {MaxLength} octets.";
        return pin.Any(char.IsControl) ? "the PIN contains a control character; it must be a single line." : null;
    }
}
