using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace CaServer.Validation;

/// <summary>
/// The P-256 key that a perspective signs its statements with, in a PKCS#8 PEM file that only its owner can read. Whoever has
/// it can state anything in the perspective's name, so it is not the front end's to read.
/// </summary>
public static partial class PerspectiveKey
{
    private const int MaxFileLength = 16 * 1024;
    private const int FileExists = 17;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads the key, or makes one if there is no file; of two processes that make one, both get the one that was first.</summary>
    /// <exception cref="InvalidDataException">The file is there but is no such key, or others may read it. The message is one sentence that names the file.</exception>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or its directory is not ours.</exception>
    public static ECDsa LoadOrCreate(string path)
    {
        if (!File.Exists(path))
            Create(path);
        return Load(path);
    }

    /// <summary>The public key as PEM, which the signing core is configured with.</summary>
    public static string PublicPem(ECDsa key) => key.ExportSubjectPublicKeyInfoPem();

    /// <summary>Reads what <see cref="PublicPem"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is not a P-256 public key in PEM.</exception>
    public static ECDsa ImportPublic(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            // ImportFromPem would also take a private key, which has no business in the signing core's configuration.
            if (!pem.Contains("BEGIN PUBLIC KEY", StringComparison.Ordinal) || pem.Contains("PRIVATE", StringComparison.Ordinal))
                throw new InvalidDataException("A perspective's public key must be a PEM block PUBLIC KEY.");
            key.ImportFromPem(pem);
            RequireP256(key, "A perspective's public key");
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new InvalidDataException("A perspective's public key must be a PEM block PUBLIC KEY.", e);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static void Create(string path)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var temporary = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}.new";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        try
        {
            using (var file = new FileStream(temporary, options))
            {
                file.Write(System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
                file.Flush(flushToDisk: true);
            }
            Publish(temporary, path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    // File.Move looks whether the file is there and then renames over it: of two processes the first would go on with a key that is gone.
    private static void Publish(string temporary, string path)
    {
        if (Link(temporary, path) == 0)
            return;
        var error = Marshal.GetLastPInvokeError();
        // Another process was first; its key is the perspective's.
        if (error != FileExists)
            throw new IOException($"{path} cannot be made: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);

    private static ECDsa Load(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0)
            throw new InvalidDataException($"Others may read the perspective's key {path}; run chmod 600 on it, or remove it to get a new one.");
        if (file.Length > MaxFileLength)
            throw new InvalidDataException($"The perspective's key {path} is not a PKCS#8 PEM file.");
        using var reader = new StreamReader(file);
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(reader.ReadToEnd());
            RequireP256(key, $"The perspective's key {path}");
            key.ExportParameters(includePrivateParameters: true);
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new InvalidDataException($"The perspective's key {path} is not a P-256 private key in PKCS#8 PEM; restore it, or remove it to get a new one.", e);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static void RequireP256(ECDsa key, string what)
    {
        if (key.ExportParameters(includePrivateParameters: false).Curve.Oid is not { FriendlyName: "nistP256" } and not { Value: "1.2.840.10045.3.1.7" })
            throw new InvalidDataException($"{what} is not on the curve P-256.");
    }
}
