namespace CaServer.TestKit;

/// <summary>Public test vectors that lie beside a checkout of the project, in <c>../shared/vectors</c>, or where CASERVER_TEST_VECTORS says.</summary>
public static class Vectors
{
    private static readonly string? s_root = FindRoot();

    /// <summary>The path of a vector file; the test is skipped, visibly, where the vectors are absent.</summary>
    public static string Path(string relative)
    {
        Assert.SkipWhen(s_root is null, "The public test vectors (../shared/vectors) are not on this machine.");
        return System.IO.Path.Combine(s_root!, relative);
    }

    private static string? FindRoot()
    {
        if (Environment.GetEnvironmentVariable("CASERVER_TEST_VECTORS") is { Length: > 0 } configured)
            return configured;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "CaServer.sln")))
            {
                var vectors = System.IO.Path.Combine(folder.Parent!.FullName, "shared", "vectors");
                return Directory.Exists(vectors) ? vectors : null;
            }
        }
        return null;
    }
}
