namespace CaServer.Validation.Dns;

/// <summary>A small text file of the system, read again when it has changed.</summary>
internal sealed class WatchedFile<T>(string path, Func<string[], T> parse)
{
    // Larger than any sane hosts file; a bound so that a wrong path cannot fill memory.
    private const int MaxLength = 4 * 1024 * 1024;

    private readonly Lock _lock = new();
    private DateTime _stamp = DateTime.MinValue;
    private T _value = parse([]);

    /// <summary>The file's path.</summary>
    internal string Path => path;

    /// <summary>What the file says now; as if it were empty when it is not there or not readable.</summary>
    internal T Read()
    {
        lock (_lock)
        {
            var file = new FileInfo(path);
            var stamp = file.Exists ? file.LastWriteTimeUtc : DateTime.MinValue;
            if (stamp == _stamp)
                return _value;
            _stamp = stamp;
            _value = parse(Lines(file));
            return _value;
        }
    }

    private static string[] Lines(FileInfo file)
    {
        try
        {
            return file.Exists && file.Length <= MaxLength ? File.ReadAllLines(file.FullName) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
