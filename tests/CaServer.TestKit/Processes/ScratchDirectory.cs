namespace CaServer.TestKit.Processes;

/// <summary>A directory of a test's own, below the system's temporary directory; removed with all that is in it on disposal.</summary>
public sealed class ScratchDirectory : IDisposable
{
    /// <summary>Absolute path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("caserver-test-").FullName;

    /// <summary>The path of a file or directory in here.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
