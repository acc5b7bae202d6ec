using System.Runtime.InteropServices;
using System.Text;
using CaServer.Hsm.Files;

namespace CaServer.Hsm;

/// <summary>
/// SoftHSM2 as the token of a machine without a hardware module: where its library is, and a configuration of its own below the
/// data directory, so that no system-wide token store is touched.
/// </summary>
public static class SoftHsm
{
    private const string Variable = "SOFTHSM2_CONF";

    // SimpleConfigLoader of SoftHSM2 cuts a line at '#', splits it at '=' and reads at most 1,024 octets.
    private const int MaxDirectoryLength = 900;

    private static readonly Lock s_gate = new();
    private static string? s_ours;

    /// <summary>The module in the usual places of Linux distributions, or null.</summary>
    public static string? FindModule()
    {
        var multiarch = RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => "x86_64-linux-gnu",
            Architecture.Arm64 => "aarch64-linux-gnu",
            _ => RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant() + "-linux-gnu",
        };
        string[] places =
        [
            $"/usr/lib/{multiarch}/softhsm/libsofthsm2.so", // Debian, Ubuntu
            "/usr/lib/softhsm/libsofthsm2.so", // Debian's alias, Alpine, Arch
            "/usr/lib64/softhsm/libsofthsm.so", // Fedora
            "/usr/lib64/pkcs11/libsofthsm2.so", // Fedora, RHEL, SUSE
            "/usr/local/lib/softhsm/libsofthsm2.so", // built from source
        ];
        return places.FirstOrDefault(File.Exists);
    }

    /// <summary>
    /// Writes <c>softhsm2.conf</c> and the token directory below <paramref name="directory"/> and points the native environment
    /// at it; must run before the module is loaded. A <c>SOFTHSM2_CONF</c> that the operator has set wins. Returns the path of
    /// the configuration in force. Throws <see cref="HsmException"/>: StorageUnusable.
    /// </summary>
    public static string Configure(string directory)
    {
        directory = Path.GetFullPath(directory);
        lock (s_gate)
        {
            var inForce = Libc.GetEnvironmentVariable(Variable);
            if (!string.IsNullOrEmpty(inForce) && inForce != s_ours)
                return inForce;
            RequireSuitable(directory);
            var file = Path.Combine(directory, "softhsm2.conf");
            if (s_ours is not null && s_ours != file)
                throw new InvalidOperationException($"SoftHSM already uses {s_ours}; a process has one token directory.");
            Write(directory, file);
            Libc.SetEnvironmentVariable(Variable, file);
            s_ours = file;
            return file;
        }
    }

    private static void RequireSuitable(string directory)
    {
        if (directory.AsSpan().IndexOfAny("#=") >= 0 || directory.Any(char.IsControl) || Encoding.UTF8.GetByteCount(directory) > MaxDirectoryLength)
            throw new HsmException(HsmFault.StorageUnusable, $"SoftHSM cannot use the directory {directory}: its path has a '#', '=' or control character or is too long.");
    }

    private static void Write(string directory, string file)
    {
        var tokens = Path.Combine(directory, "tokens");
        var contents = Encoding.UTF8.GetBytes($"""
            # Written by CaServer at each start; to use another, set SOFTHSM2_CONF.
            directories.tokendir = {tokens}
            objectstore.backend = file
            log.level = ERROR
            slots.removable = false
            slots.mechanisms = ALL
            library.reset_on_fork = false

            """);
        try
        {
            PrivateFile.CreateDirectory(directory);
            PrivateFile.CreateDirectory(tokens);
            // It holds an absolute path, which is another one after a restore to another place.
            if (!File.Exists(file) || !File.ReadAllBytes(file).AsSpan().SequenceEqual(contents))
                PrivateFile.Replace(file, contents);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HsmException(HsmFault.StorageUnusable, $"The token directory {directory} cannot be made: {e.Message}", e);
        }
    }
}
