using System.Runtime.InteropServices;

namespace CaServer.Hsm.Files;

/// <summary>The few C library calls that .NET has no equivalent of.</summary>
internal static partial class Libc
{
    private const int ReadOnly = 0;
    private const int FileExists = 17;

    /// <summary>
    /// Sets a variable in the environment that native libraries see; .NET's own SetEnvironmentVariable changes only a managed
    /// copy on Unix.
    /// </summary>
    public static void SetEnvironmentVariable(string name, string value)
    {
        if (SetEnv(name, value, 1) != 0)
            throw new InvalidOperationException($"setenv {name} failed with error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Reads from the environment that native libraries see.</summary>
    public static string? GetEnvironmentVariable(string name) => Marshal.PtrToStringUTF8(GetEnv(name));

    /// <summary>Gives a file a second name; false when there is a file of that name, which is left as it is. Nothing can come in between.</summary>
    public static bool TryLink(string existing, string path)
    {
        if (Link(existing, path) == 0)
            return true;
        var error = Marshal.GetLastPInvokeError();
        return error == FileExists ? false : throw new IOException($"{path} cannot be made: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    /// <summary>Makes the names in a directory durable: a rename alone may be lost in a power failure.</summary>
    public static void SynchroniseDirectory(string path)
    {
        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
            throw new IOException($"The directory {path} cannot be opened (error {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (Fsync(descriptor) != 0)
                throw new IOException($"The directory {path} cannot be synchronised (error {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetEnv(string name);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
