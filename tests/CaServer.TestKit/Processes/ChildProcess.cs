using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace CaServer.TestKit.Processes;

/// <summary>A process that a test started: its output is collected, and it does not outlive the test run.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int SigContinue = 18;
    private static readonly ConcurrentDictionary<Process, bool> Alive = new();
    private readonly StringBuilder _output = new();
    private readonly Process _process;

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Alive.Keys)
            process.Kill();
    };

    private ChildProcess(Process process) => _process = process;

    /// <summary>Starts a program with the variables of the test run and those given; standard input is empty.</summary>
    public static ChildProcess Start(
        string path, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string? workingDirectory)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        var child = new ChildProcess(process);
        process.OutputDataReceived += child.Collect;
        process.ErrorDataReceived += child.Collect;
        process.Start();
        Alive.TryAdd(process, true);
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>What it wrote so far to standard output and standard error.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended, for whatever reason.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Waits for the end and all output; returns the exit code.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    /// <summary>Sends SIGTERM, unless it has ended; does not wait.</summary>
    public void Terminate() => Signal(SigTerm);

    /// <summary>Lets it go on after a stop (SIGCONT).</summary>
    public void Continue() => Signal(SigContinue);

    /// <summary>Whether it is stopped by a signal and its first thread is not traced.</summary>
    public bool IsStopped => File.ReadLines($"/proc/{_process.Id}/status").Any(line => line.StartsWith("State:\tT", StringComparison.Ordinal));

    /// <summary>Sends SIGKILL and waits for the end.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Kills the process if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        Alive.TryRemove(_process, out _);
        _process.Dispose();
    }

    private void Signal(int signal)
    {
        if (Kill(_process.Id, signal) != 0 && !_process.HasExited)
            throw new InvalidOperationException($"Process {_process.Id} could not be signalled: errno {Marshal.GetLastPInvokeError()}.");
    }

    private void Collect(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        lock (_output)
            _output.Append(line.Data).Append('\n');
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int pid, int signal);
}
