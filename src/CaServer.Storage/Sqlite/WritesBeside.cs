using System.IO.MemoryMappedFiles;

namespace CaServer.Storage;

/// <summary>
/// Tells the process that has an SQLite file of the writes of commands beside it, so that it can keep what it has read: two counters
/// in a small file that both have mapped, which costs the server nothing to look at. A command that dies in between leaves them
/// different; the server then reads everything again each time until its next start.
/// </summary>
internal sealed class WritesBeside : IDisposable
{
    private const int Begun = 0;
    private const int Ended = 8;
    private const int Length = 16;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private WritesBeside(MemoryMappedFile file)
    {
        _file = file;
        _view = file.CreateViewAccessor(0, Length);
    }

    /// <summary>For a command that writes beside a server.</summary>
    public static WritesBeside Open(string database)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new WritesBeside(MemoryMappedFile.CreateFromFile(
            new FileStream(database + ".beside", options), null, Length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false));
    }

    /// <summary>For the process that has the file; what a command that died left behind is forgotten.</summary>
    public static WritesBeside OpenAsServer(string database)
    {
        var marks = Open(database);
        marks._view.Write(Ended, marks._view.ReadInt64(Begun));
        return marks;
    }

    /// <summary>A number that each write of a command changes; null while one is writing.</summary>
    public long? Mark
    {
        get
        {
            var begun = _view.ReadInt64(Begun);
            Interlocked.MemoryBarrier();
            return begun == _view.ReadInt64(Ended) ? begun : null;
        }
    }

    /// <summary>Called when the database's write lock is held and nothing is written yet; the lock keeps other commands away.</summary>
    public void Begin() => Raise(Begun);

    /// <summary>Called when the transaction has ended, well or not.</summary>
    public void End() => Raise(Ended);

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private void Raise(int counter)
    {
        Interlocked.MemoryBarrier();
        _view.Write(counter, _view.ReadInt64(counter) + 1);
        Interlocked.MemoryBarrier();
    }
}
