namespace CaServer.TestKit.Processes;

/// <summary>The working copy that the tests were built from.</summary>
public static class Repository
{
    /// <summary>The directory with <c>CaServer.sln</c>.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "CaServer.sln")))
                return directory.FullName;
        }
        throw new DirectoryNotFoundException("CaServer.sln is in no directory above the tests.");
    }
}
