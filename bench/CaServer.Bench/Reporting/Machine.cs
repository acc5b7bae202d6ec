using System.Runtime.InteropServices;

namespace CaServer.Bench.Reporting;

/// <summary>Where the figures come from, so that two reports are not compared by mistake.</summary>
internal sealed record Machine(string Processor, int Cores, double MemoryGiB, string System, string Runtime, string FileSystem)
{
    public static Machine Describe(string directory) => new(
        Value("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1073741824.0, 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        // The longest mount point above the directory, as the kernel resolves it: fsync on tmpfs would flatter every durable server.
        DriveInfo.GetDrives()
            .Where(d => directory.StartsWith(d.RootDirectory.FullName, StringComparison.Ordinal))
            .MaxBy(d => d.RootDirectory.FullName.Length)?.DriveFormat ?? "unknown");

    private static string? Value(string file, string key) => File.Exists(file)
        ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
        : null;
}
