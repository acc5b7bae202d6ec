using System.Security.Cryptography;

namespace CaServer.Hsm.Files;

/// <summary>Small files that only their owner may read: mode 0600, never half written, durable once written.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>
    /// Writes the whole file, or nothing. <see cref="IOException"/> when there is one already and <paramref name="replace"/> is
    /// false: a secret is not replaced by accident.
    /// </summary>
    public static void Write(string path, ReadOnlySpan<byte> contents, bool replace)
    {
        path = Path.GetFullPath(path);
        var directory = Path.GetDirectoryName(path) ?? throw new IOException($"{path} is a directory.");
        var temporary = path + ".new-" + RandomNumberGenerator.GetHexString(8, lowercase: true);
        try
        {
            using (var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.None,
                UnixCreateMode = OwnerOnly,
            }))
            {
                file.Write(contents);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: replace);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
        Libc.SynchroniseDirectory(directory);
    }

    /// <summary>
    /// Reads a file of at most <paramref name="limit"/> octets; null when it is longer. <paramref name="isPrivate"/> is what the
    /// opened file itself said, so that it cannot be exchanged between the check and the reading.
    /// </summary>
    public static byte[]? Read(string path, int limit, out bool isPrivate)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        isPrivate = (File.GetUnixFileMode(file.SafeFileHandle) & Others) == 0;
        var buffer = new byte[limit + 1];
        var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        var contents = length > limit ? null : buffer[..length];
        CryptographicOperations.ZeroMemory(buffer);
        return contents;
    }

    /// <summary>Makes a directory that only its owner may enter; one that exists is left as it is.</summary>
    public static void CreateDirectory(string path) =>
        Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
}
