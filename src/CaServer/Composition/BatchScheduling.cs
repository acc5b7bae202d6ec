using System.Globalization;
using System.Runtime.InteropServices;

namespace CaServer.Composition;

/// <summary>
/// Asks Linux not to interrupt a running thread when another one of ours has something to do, as long as there is no idle processor
/// for it (sched(7), SCHED_BATCH). On a busy machine a thread then finishes what it does, where otherwise each request would be put
/// aside several times for the thread that writes the database, the one that watches the sockets, and other requests.
/// </summary>
internal static partial class BatchScheduling
{
    private const int Batch = 3;

    /// <summary>Sets it for the threads that there are; those begun later have it from them. Where it cannot be set, nothing is different but the speed.</summary>
    public static void Set()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
            {
                if (int.TryParse(Path.GetFileName(thread), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                    _ = SetScheduler(id, Batch, 0);
            }
        }
        catch (IOException)
        {
            // No /proc: as it is, then.
        }
    }

    // The last argument is a struct of one int.
    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int priority);
}
