using System.Globalization;

namespace CaServer.TestKit.Processes;

/// <summary>strace, attached to one thread of a process to send a signal at a chosen system call on a chosen file.</summary>
internal sealed class Strace : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly ChildProcess _strace;

    private Strace(ChildProcess strace) => _strace = strace;

    /// <summary>Attaches; on return the signal will be sent.</summary>
    /// <param name="thread">The thread's id.</param>
    /// <param name="injection">What to send and when.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidOperationException">strace may not or cannot attach; the message has what it said.</exception>
    public static async Task<Strace> AttachAsync(int thread, Injection injection, CancellationToken cancellation)
    {
        var strace = new Strace(ExternalProgram.Find("strace").Start(
            ["-p", Number(thread), "-P", injection.File, "-e", $"trace={injection.Calls}",
                "-e", $"inject={injection.Calls}:signal={injection.Signal}:when={Number(injection.Occurrence)}"]));
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            deadline.CancelAfter(Deadline);
            await Polling.UntilAsync(() => strace.IsAttachedTo(thread), deadline.Token);
            return strace;
        }
        catch
        {
            await strace.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether the signal was SIGSTOP, was sent, and stopped the process.</summary>
    public bool HasStopped => _strace.Output.Contains("--- stopped by SIGSTOP ---", StringComparison.Ordinal);

    /// <summary>Detaches; what was stopped stays so.</summary>
    public async ValueTask DisposeAsync()
    {
        // SIGTERM rather than SIGKILL, so that it lets go in an orderly way.
        _strace.Terminate();
        await _strace.WaitForExitAsync(CancellationToken.None).WaitAsync(Deadline);
        await _strace.DisposeAsync();
    }

    private bool IsAttachedTo(int thread)
    {
        if (_strace.Output.Contains($"Process {Number(thread)} attached", StringComparison.Ordinal))
            return true;
        return _strace.HasExited ? throw new InvalidOperationException($"strace cannot attach to {thread}:\n{_strace.Output}") : false;
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A signal at a system call.</summary>
/// <param name="Calls">Names of system calls, separated by commas.</param>
/// <param name="File">Only calls on this file count.</param>
/// <param name="Signal">The signal's name without <c>SIG</c>.</param>
/// <param name="Occurrence">At which of the calls: 1 for the first.</param>
internal sealed record Injection(string Calls, string File, string Signal, int Occurrence = 1);
