using System.Globalization;

namespace CaServer.TestKit.Processes;

/// <summary>
/// The death (SIGKILL) of a server at a chosen commit of its SQLite database. The fault injection of strace brings it about from outside: only
/// the thread that writes is traced, and nothing in the server is prepared for it.
/// </summary>
/// <remarks>
/// A commit appends pages to the write-ahead log and then syncs the log. A process killed as it begins to sync has written the commit: a kill
/// leaves the page cache alone. One killed as it begins to append has written nothing. The kernel does not carry out the call that it is killed at.
/// </remarks>
public sealed class CommitKill : IAsyncDisposable
{
    // SQLite uses one of the two, depending on how it was built.
    private const string Sync = "fsync,fdatasync";
    private const string Append = "pwrite64";

    // Linux keeps the first 15 characters of a thread's name; this is the thread of CaServer.Storage that alone writes.
    private const string WriterThread = "sqlite writer";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly CancellationTokenSource _disposal = new();
    private readonly ChildProcess _server;
    private readonly string _log;
    private readonly int _thread;
    private Strace? _strace;
    private Task _exchange = Task.CompletedTask;

    private CommitKill(ChildProcess server, int thread, string database)
    {
        _server = server;
        _thread = thread;
        _log = database + "-wal";
    }

    /// <summary>Prepares the kill, as soon as the server has opened its database.</summary>
    internal static async Task<CommitKill> ArmAsync(ChildProcess server, string database, int commit, bool written, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(commit, 1);
        var kill = new CommitKill(server, await FindWriterAsync(server, cancellation), database);
        if (written)
            await kill.AttachAsync(new Injection(Sync, kill._log, "KILL", commit), cancellation);
        else if (commit == 1)
            await kill.AttachAsync(new Injection(Append, kill._log, "KILL"), cancellation);
        else
            await kill.BeginExchangeAsync(commit, cancellation);
        return kill;
    }

    /// <summary>Leaves the server alone from now on.</summary>
    /// <exception cref="InvalidOperationException">strace did not do its part.</exception>
    public async ValueTask DisposeAsync()
    {
        await _disposal.CancelAsync();
        try
        {
            await _exchange;
        }
        catch (OperationCanceledException)
        {
            // The commit before the one to be killed never came.
        }
        finally
        {
            await DetachAsync();
            _disposal.Dispose();
        }
    }

    // How many pages a commit appends is not known, so that appends cannot be counted: the commit before is waited for, all threads are stopped at
    // the end of its sync, and the next append is the one.
    private async Task BeginExchangeAsync(int commit, CancellationToken cancellation)
    {
        await AttachAsync(new Injection(Sync, _log, "STOP", commit - 1), cancellation);
        _exchange = ExchangeAsync(_strace!, _disposal.Token);
    }

    private async Task ExchangeAsync(Strace first, CancellationToken cancellation)
    {
        await Polling.UntilAsync(() => first.HasStopped, cancellation);
        await DetachAsync();
        await Polling.UntilAsync(() => _server.IsStopped, cancellation);
        await AttachAsync(new Injection(Append, _log, "KILL"), cancellation);
        _server.Continue();
    }

    private async Task AttachAsync(Injection injection, CancellationToken cancellation) => _strace = await Strace.AttachAsync(_thread, injection, cancellation);

    private async Task DetachAsync()
    {
        if (_strace is not { } strace)
            return;
        _strace = null;
        await strace.DisposeAsync();
    }

    private static async Task<int> FindWriterAsync(ChildProcess server, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        int? thread = null;
        await Polling.UntilAsync(() => (thread = FindWriter(server)) is not null, deadline.Token);
        return thread!.Value;
    }

    private static int? FindWriter(ChildProcess server)
    {
        if (server.HasExited)
            throw new InvalidOperationException($"The server ended:\n{server.Output}");
        foreach (var thread in Directory.EnumerateDirectories($"/proc/{server.Id}/task"))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(thread, "comm")).Trim() == WriterThread)
                    return int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // This thread has ended meanwhile.
            }
        }
        return null;
    }
}
