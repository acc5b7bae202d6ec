using CaServer.Domain;

namespace CaServer.Configuration;

/// <summary>Where the Public Suffix List comes from: a file of the system, which its package manager keeps up to date.</summary>
internal static class PublicSuffixFile
{
    private const string Key = "Policy:PublicSuffixList";

    // Debian, Ubuntu: package publicsuffix; Fedora: publicsuffix-list; Alpine, Arch: publicsuffix-list.
    private static readonly string[] s_usual =
        ["/usr/share/publicsuffix/public_suffix_list.dat", "/usr/share/publicsuffix/effective_tld_names.dat"];

    // The list has 10,000 lines; this is no list any more.
    private const long MaxLength = 8 * 1024 * 1024;

    /// <summary>Reads the list; an empty one where there is none and the preset can do without.</summary>
    public static PublicSuffixList Read(string? file, PolicyPreset preset, SettingFaults faults)
    {
        var path = file ?? s_usual.FirstOrDefault(File.Exists);
        if (path is null)
        {
            if (preset == PolicyPreset.WebPki)
                faults.Add(Key, "must name a copy of the Public Suffix List, which public certificates need; install the Debian package publicsuffix, or get the list from publicsuffix.org");
            return PublicSuffixList.Empty;
        }
        try
        {
            if (new FileInfo(path).Length <= MaxLength)
                return PublicSuffixList.Parse(File.ReadLines(path));
            faults.Add(Key, $"names '{path}', which is too large to be the Public Suffix List; give the list from publicsuffix.org");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(Key, $"names '{path}', which cannot be read ({e.Message.TrimEnd('.')}); give the path of a readable copy of the list");
        }
        catch (FormatException e)
        {
            faults.Add(Key, $"names '{path}', which is not the Public Suffix List: {e.Message}; give the list from publicsuffix.org");
        }
        return PublicSuffixList.Empty;
    }
}
