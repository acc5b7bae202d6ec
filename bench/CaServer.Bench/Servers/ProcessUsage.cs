using System.Globalization;

namespace CaServer.Bench.Servers;

/// <summary>What a process and its descendants have used since they started, from <c>/proc</c> (proc(5)).</summary>
internal sealed record ProcessUsage(TimeSpan Cpu, long PeakRssBytes, long WrittenBytes)
{
    // USER_HZ, the unit of /proc/PID/stat, is 100 on every Linux architecture that .NET runs on.
    private const int TicksPerSecond = 100;

    /// <summary>Children already waited for are in their parent's cutime and cstime; living ones are read themselves.</summary>
    /// <exception cref="IOException">The process is gone.</exception>
    public static ProcessUsage Read(int pid)
    {
        var parents = ParentOfEach();
        long ticks = 0, peak = 0, written = 0;
        foreach (var member in parents.Keys.Where(candidate => IsBelow(candidate, pid, parents)))
        {
            try
            {
                var stat = Stat(member);
                ticks += stat[11..15].Sum(text => long.Parse(text, CultureInfo.InvariantCulture));
                peak += Value($"/proc/{member}/status", "VmHWM:") * 1024;
                written += Value($"/proc/{member}/io", "write_bytes:");
            }
            catch (Exception e) when (member != pid && e is IOException or UnauthorizedAccessException)
            {
                // A child that ended meanwhile: its parent's cutime has it.
            }
        }
        return parents.ContainsKey(pid)
            ? new ProcessUsage(TimeSpan.FromSeconds((double)ticks / TicksPerSecond), peak, written)
            : throw new IOException($"process {pid} has ended");
    }

    /// <summary>Threads of one process, and its memory now.</summary>
    public static (int Threads, long RssBytes) Now(int pid) =>
        ((int)Value($"/proc/{pid}/status", "Threads:"), Value($"/proc/{pid}/status", "VmRSS:") * 1024);

    /// <summary>CPU time that all cores together have spent on anything, the hypervisor's other guests ("steal") included.</summary>
    public static TimeSpan MachineCpu()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // user nice system idle iowait irq softirq steal (guest time is inside user): all but the two idle ones.
        var ticks = fields[1..9].Where((_, index) => index is not (3 or 4)).Sum(text => long.Parse(text, CultureInfo.InvariantCulture));
        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }

    private static Dictionary<int, int> ParentOfEach()
    {
        var parents = new Dictionary<int, int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                continue;
            try
            {
                parents[pid] = int.Parse(Stat(pid)[1], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // Ended between the listing and the reading.
            }
        }
        return parents;
    }

    private static bool IsBelow(int candidate, int ancestor, Dictionary<int, int> parents)
    {
        var steps = 0;
        while (candidate != ancestor && parents.TryGetValue(candidate, out var parent) && steps++ < parents.Count)
            candidate = parent;
        return candidate == ancestor;
    }

    // Fields from the third on: the second is the command in parentheses, which may itself hold spaces and parentheses.
    private static string[] Stat(int pid)
    {
        var text = File.ReadAllText($"/proc/{pid}/stat");
        return text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static long Value(string path, string key)
    {
        var line = File.ReadLines(path).FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
