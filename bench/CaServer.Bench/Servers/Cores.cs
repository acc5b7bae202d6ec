using System.Diagnostics;
using System.Globalization;

namespace CaServer.Bench.Servers;

/// <summary>Core 0 for the server, the others for this process. With a single core both share it, which the report says.</summary>
internal sealed class Cores
{
    private Cores(bool separate) => Separate = separate;

    public bool Separate { get; }

    public static string Server => "0";

    /// <summary>Pins every thread of this process; threads started later inherit it (Process.ProcessorAffinity would pin only the first).</summary>
    /// <exception cref="InvalidOperationException">taskset (util-linux) is missing or refused.</exception>
    public static async Task<Cores> PinClientAsync(CancellationToken ct)
    {
        if (Environment.ProcessorCount < 2)
            return new Cores(separate: false);
        var others = $"1-{Environment.ProcessorCount - 1}";
        using var taskset = Process.Start(new ProcessStartInfo("taskset", ["--all-tasks", "--cpu-list", "--pid", others, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("taskset did not start");
        await taskset.StandardOutput.ReadToEndAsync(ct);
        await taskset.WaitForExitAsync(ct);
        return taskset.ExitCode == 0 ? new Cores(separate: true) : throw new InvalidOperationException("taskset could not pin this process");
    }
}
