using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using CaServer.Bench.Acme;

namespace CaServer.Bench.Servers;

/// <summary>A server that this run started, pinned to the server's core. Disposal stops exactly this process: politely, then not.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly string _log;
    private readonly long _started = Stopwatch.GetTimestamp();

    private ServerProcess(Process process, string log)
    {
        _process = process;
        _log = log;
    }

    /// <summary>Starts the command in the directory; output goes straight to a file there, so that no pipe makes this process work.</summary>
    public static ServerProcess Start(string directory, IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        var log = Path.Combine(directory, "server.log");
        // Each of these replaces itself by the next, so the process id stays the server's.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >\"$0\" 2>&1", log, "taskset", "--cpu-list", Cores.Server, .. command])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException("the shell did not start");
        process.StandardInput.Close();
        return new ServerProcess(process, log);
    }

    public int Id => _process.Id;

    public ProcessUsage Usage() => ProcessUsage.Read(_process.Id);

    /// <summary>Tries until the work succeeds; answers the time since the process was started.</summary>
    /// <exception cref="AcmeFailure">The process ended, or the time is over; the message has the end of its log.</exception>
    public async Task<TimeSpan> ReadyAsync(Func<CancellationToken, Task> probe, TimeSpan limit, CancellationToken ct)
    {
        while (true)
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(ct);
            attempt.CancelAfter(TimeSpan.FromSeconds(5));
            string reason;
            try
            {
                await probe(attempt.Token);
                return Stopwatch.GetElapsedTime(_started);
            }
            catch (Exception e) when (!ct.IsCancellationRequested
                && e is HttpRequestException or IOException or OperationCanceledException or CryptographicException or AcmeFailure)
            {
                reason = e.Message;
            }
            if (_process.HasExited)
                throw new AcmeFailure($"the server ended with code {_process.ExitCode}:{Environment.NewLine}{LogTail()}");
            if (Stopwatch.GetElapsedTime(_started) > limit)
                throw new AcmeFailure($"the server was not ready after {limit.TotalSeconds:0} s ({reason}):{Environment.NewLine}{LogTail()}");
            await Task.Delay(s_retry, TimeProvider.System, ct);
        }
    }

    public string LogTail() => File.Exists(_log) ? string.Join(Environment.NewLine, File.ReadLines(_log).TakeLast(15)) : "";

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using (Process.Start("/bin/sh", ["-c", "kill -TERM \"$0\"", _process.Id.ToString(CultureInfo.InvariantCulture)]))
            using (var grace = new CancellationTokenSource(s_grace))
            {
                try
                {
                    await _process.WaitForExitAsync(grace.Token);
                }
                catch (OperationCanceledException)
                {
                    _process.Kill(entireProcessTree: true);
                    await _process.WaitForExitAsync(CancellationToken.None);
                }
            }
        }
        _process.Dispose();
    }
}
