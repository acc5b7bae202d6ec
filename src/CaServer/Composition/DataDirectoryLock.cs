using CaServer.Configuration;

namespace CaServer.Composition;

/// <summary>The data directory in the hands of this process alone; the system gives it back when the process ends, however it ends.</summary>
internal sealed class DataDirectoryLock : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    /// <summary>Makes the directory (mode 0700) if need be and takes it. The mode of one that exists is its maker's choice: every secret in it has a mode of its own.</summary>
    /// <exception cref="OperatorFaultException">It cannot be written, or another process has it.</exception>
    public static DataDirectoryLock Take(DataDirectory data)
    {
        try
        {
            Directory.CreateDirectory(data.Root, OwnerOnly | UnixFileMode.UserExecute);
            return new DataDirectoryLock(Open(data.LockFile));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OperatorFaultException("Data:Directory", $"{data.Root} cannot be written ({e.Message.TrimEnd('.')}); give the path of a directory that this user may write", e);
        }
    }

    public void Dispose() => _file.Dispose();

    private static FileStream Open(string path)
    {
        try
        {
            // FileShare.None is an flock: it holds against other processes that take it the same way.
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerOnly,
            });
        }
        catch (IOException e) when (e.HResult == LockedHResult)
        {
            throw new OperatorFaultException("Data:Directory", $"another caserver process uses {Path.GetDirectoryName(path)}; stop it, or give this one a directory of its own", e);
        }
    }

    // EWOULDBLOCK as .NET passes it on.
    private const int LockedHResult = 11;
}
