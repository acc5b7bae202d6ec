using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CaServer.Status;

/// <summary>
/// Arrays that are read all over: with pages of 4 KiB nearly every access to hundreds of megabytes would first have to find out where
/// its page is.
/// </summary>
internal static partial class LargePages
{
    private const int HugePageAdvice = 14;

    /// <summary>Makes an array that stays where it is, and asks Linux for large pages below it, where the system is set to give them on request.</summary>
    public static unsafe T[] Allocate<T>(int length) where T : unmanaged
    {
        var array = GC.AllocateArray<T>(length, pinned: true);
        if (OperatingSystem.IsLinux())
        {
            // Whole pages; what lies beside it in them may as well be in a large one.
            var mask = (nuint)Environment.SystemPageSize - 1;
            var from = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array)) & ~mask;
            var to = (nuint)Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(array), length)) + mask & ~mask;
            // Advice: whether it was taken makes no difference but in speed.
            _ = Advise((void*)from, to - from, HugePageAdvice);
        }
        return array;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static unsafe partial int Advise(void* address, nuint length, int advice);
}
