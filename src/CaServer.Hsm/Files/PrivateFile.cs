using System.Security.Cryptography;

namespace CaServer.Hsm.Files;

/// <summary>Small files that only their owner may read: mode 0600, never half written, durable once written.</summary>
public static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>
    /// Writes the whole file unless there is one: a secret is not replaced by accident. False when there is one; of several that make it at
    /// once the first one's stays, and the others go on with that.
    /// </summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory is not ours.</exception>
    public static bool TryCreate(string path, ReadOnlySpan<byte> contents)
    {
        path = Path.GetFullPath(path);
        var temporary = WriteBeside(path, contents);
        try
        {
            // File.Move looks whether there is a file and then renames over one that came in between.
            if (!Libc.TryLink(temporary, path))
                return false;
        }
        finally
        {
            File.Delete(temporary);
        }
        SynchroniseDirectory(path);
        return true;
    }

    /// <summary>Writes the whole file, or nothing, in the place of the one that may be there.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory is not ours.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> contents)
    {
        path = Path.GetFullPath(path);
        var temporary = WriteBeside(path, contents);
        try
        {
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
        SynchroniseDirectory(path);
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

    private static string WriteBeside(string path, ReadOnlySpan<byte> contents)
    {
        var temporary = path + ".new-" + RandomNumberGenerator.GetHexString(8, lowercase: true);
        try
        {
            using var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.None,
                UnixCreateMode = OwnerOnly,
            });
            file.Write(contents);
            file.Flush(flushToDisk: true);
            return temporary;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void SynchroniseDirectory(string path) => Libc.SynchroniseDirectory(Path.GetDirectoryName(path)!);
}
