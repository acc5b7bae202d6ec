using System.Collections;
using System.Runtime.InteropServices;

namespace CaServer.Composition;

/// <summary>
/// Starts this program again in its own place, with the same process id and arguments, when the runtime must be set otherwise
/// than for everything else that the program does: the runtime reads its settings once, before any of our code runs.
/// </summary>
internal static partial class ProcessRestart
{
    /// <summary>
    /// Returns if all variables are set already, by the operator or by the start before; otherwise it starts the program again
    /// with them. Where that is not possible it returns, too, and the program runs as it is.
    /// </summary>
    public static void With(params ReadOnlySpan<(string Name, string Value)> variables)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            environment[(string)variable.Key] = (string?)variable.Value ?? "";
        var isComplete = true;
        foreach (var (name, value) in variables)
            isComplete &= !environment.TryAdd(name, value);
        if (isComplete || !OperatingSystem.IsLinux())
            return;
        try
        {
            // As they were given, whichever program hosts us.
            var arguments = File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Split('\0');
            Execute("/proc/self/exe", [.. arguments, null], [.. environment.Select(v => $"{v.Key}={v.Value}"), null]);
        }
        catch (IOException)
        {
            // No /proc: as it is, then.
        }
    }

    // Returns only if it failed.
    [LibraryImport("libc", EntryPoint = "execve", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments, string?[] environment);
}
