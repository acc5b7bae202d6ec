namespace CaServer.TestKit.Processes;

/// <summary>The working copy that the tests were built from.</summary>
public static class Repository
{
    /// <summary>The directory with <c>CaServer.sln</c>.</summary>
    public static string Root { get; } = Find();

    /// <summary>Where a project's program lies that was built together with the tests.</summary>
    /// <param name="project">The project's folder below <see cref="Root"/>.</param>
    public static string OutputOf(string project)
    {
        // The tests' own output is …/tests/NAME/bin/CONFIGURATION/FRAMEWORK/.
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Root, project, "bin", output.Parent!.Name, output.Name);
    }

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
