namespace CaServer.Composition;

/// <summary>Directories and files with secrets in them.</summary>
internal static class PrivateDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a directory with mode 0700; one that exists is left as it is.</summary>
    public static void Make(string path) => Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);

    /// <summary>Writes a file whole, or leaves what was there; it is on disk when this returns.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">ASCII or UTF-8 text.</param>
    /// <param name="isSecret">Mode 0600 instead of 0644.</param>
    public static void Write(string path, string text, bool isSecret)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = isSecret ? OwnerOnly : OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        }))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }
}
