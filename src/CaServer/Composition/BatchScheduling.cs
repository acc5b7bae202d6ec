using System.Globalization;
using System.Runtime.InteropServices;

namespace CaServer.Composition;

/// <summary>
/// Asks Linux not to put a request aside, on a busy machine, each time that there is something to write or that a socket has something
/// (sched(7), SCHED_BATCH): the thread that writes the database and the one that watches the sockets then wait for their turn, find
/// more to do at once, and threads change places a third as often. Where a processor is idle they run at once, as ever.
/// </summary>
internal static partial class BatchScheduling
{
    private const int Batch = 3;

    // A thread that one of these begins, as the runtime may let it begin one for the pool, is a thread like any other.
    private const int ResetOnFork = 0x40000000;

    private static readonly string[] s_names = [".NET Sockets", "sqlite writer"];

    /// <summary>Sets it for the threads of those names that there are. Where it cannot be set, nothing is different but the speed.</summary>
    public static void Set()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
            {
                if (int.TryParse(Path.GetFileName(thread), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                    && s_names.Contains(File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd()))
                {
                    _ = SetScheduler(id, Batch | ResetOnFork, 0);
                }
            }
        }
        catch (IOException)
        {
            // No /proc, or a thread ended meanwhile: as it is, then.
        }
    }

    // The last argument is a struct of one int.
    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int priority);
}
