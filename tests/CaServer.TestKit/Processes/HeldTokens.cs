using System.Runtime.Versioning;

namespace CaServer.TestKit.Processes;

/// <summary>SoftHSM2 tokens that nobody can open: whoever tries waits until this is disposed of. SoftHSM2 locks a token's file to read it.</summary>
internal sealed class HeldTokens : IDisposable
{
    private readonly List<FileStream> _files = [];

    /// <summary>Holds all tokens of a directory.</summary>
    public HeldTokens(string directory)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Locks of this kind are those of Linux.");
        foreach (var path in Directory.EnumerateFiles(directory, "token.object", SearchOption.AllDirectories))
            _files.Add(Lock(path));
    }

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    [SupportedOSPlatform("linux")]
    private static FileStream Lock(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Lock(0, long.MaxValue);
        return file;
    }
}
