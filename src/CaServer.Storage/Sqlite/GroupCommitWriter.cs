using System.Data.Common;
using System.Threading.Channels;

namespace CaServer.Storage;

/// <summary>
/// The only writer of an SQLite file: a thread that takes everything waiting, runs it in one transaction, commits once and then
/// answers all callers; if a caller's part fails, they are run again, each in a savepoint of its own. So each caller waits for its
/// own durability and all share one fsync; no timer is needed, as what arrives during a commit forms the next one.
/// </summary>
internal sealed class GroupCommitWriter : TransactionRunner
{
    private const int Capacity = 4096;
    private const int LargestGroup = 512;
    private const int MostTurns = 8;
    private const string Savepoint = "part";

    private readonly Channel<Part> _waiting = Channel.CreateBounded<Part>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    // What the writer's thread sleeps on. Waiting for the channel itself would make a task and an event each time, and spin first.
    private readonly object _wake = new();
    private readonly DbDataSource _source;
    private readonly Checkpointer _checkpointer;
    private readonly WritesBeside? _told;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Used by the writer thread only; null after a failure, so that the next group begins on a fresh connection.
    private DbConnection? _connection;

    /// <summary>Starts the writer.</summary>
    /// <param name="source">Its connections.</param>
    /// <param name="checkpointer">Copies the log.</param>
    /// <param name="told">What tells the process that has the file of this one's writes; null if this is that process.</param>
    public GroupCommitWriter(DbDataSource source, Checkpointer checkpointer, WritesBeside? told = null)
    {
        _source = source;
        _checkpointer = checkpointer;
        _told = told;
        new Thread(Run) { IsBackground = true, Name = "sqlite writer" }.Start();
    }

    public override async Task<T> RunAsync<T>(Func<DbSession, Task<T>> statements, CancellationToken ct)
    {
        var part = new Part<T>(statements, ct);
        await _waiting.Writer.WriteAsync(part, ct);
        Wake();
        return await part.Task;
    }

    /// <summary>Accepts no more work, commits what was accepted, and closes.</summary>
    public override async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        Wake();
        await _ended.Task;
        await _checkpointer.DisposeAsync();
        await _source.DisposeAsync();
    }

    private void Run()
    {
        var group = new List<Part>(LargestGroup);
        var reader = _waiting.Reader;
        while (Wait(reader))
        {
            LetOthersJoin(reader);
            while (group.Count < LargestGroup && reader.TryRead(out var part))
                group.Add(part);
            CommitTogether(group);
            group.Clear();
        }
        Reset();
        _ended.SetResult();
    }

    // Whoever could run at this moment may be about to write, too: on a busy machine that spares commits, on an idle one it costs nothing.
    private static void LetOthersJoin(ChannelReader<Part> reader)
    {
        for (int turn = 0, seen = 0; turn < MostTurns && reader.Count > seen; turn++)
        {
            seen = reader.Count;
            Thread.Yield();
        }
    }

    private bool Wait(ChannelReader<Part> reader)
    {
        lock (_wake)
        {
            while (reader.Count == 0)
            {
                if (reader.Completion.IsCompleted)
                    return false;
                Monitor.Wait(_wake);
            }
            return true;
        }
    }

    private void Wake()
    {
        lock (_wake)
            Monitor.Pulse(_wake);
    }

    private void CommitTogether(List<Part> group)
    {
        try
        {
            _connection ??= _source.OpenConnection();
            _checkpointer.FinishIfAsked(_connection);
            if (group is [var alone])
                CommitAlone(alone);
            else if (!TryCommit(group))
                CommitApart(group);
        }
        catch (Exception e)
        {
            // The whole transaction is gone, or its fate is unknown: every caller has to hear of it, also those whose statements
            // had failed, since they may have failed on what a neighbour wrote.
            Reset();
            foreach (var part in group)
                part.Fail(e);
            return;
        }
        foreach (var part in group)
            part.Answer();
        _checkpointer.Committed(group.Count);
    }

    // With no neighbour to protect, the transaction itself is what is rolled back.
    private void CommitAlone(Part part)
    {
        using var transaction = _connection!.BeginTransaction();
        using var telling = new Telling(_told);
        if (part.IsCancelled || part.TryRun(_connection))
            transaction.Commit();
        else
            transaction.Rollback();
    }

    // Nearly always no part fails, and savepoints cost as much as a statement each; if one does, all is rolled back.
    private bool TryCommit(List<Part> group)
    {
        using var transaction = _connection!.BeginTransaction();
        using var telling = new Telling(_told);
        foreach (var part in group)
        {
            if (part.IsCancelled || part.TryRun(_connection))
                continue;
            transaction.Rollback();
            return false;
        }
        transaction.Commit();
        return true;
    }

    // Each in a savepoint of its own, so that one that fails leaves its neighbours alone.
    private void CommitApart(List<Part> group)
    {
        using var transaction = _connection!.BeginTransaction();
        using var telling = new Telling(_told);
        foreach (var part in group)
        {
            part.Forget();
            if (part.IsCancelled)
                continue;
            transaction.Save(Savepoint);
            if (!part.TryRun(_connection))
                transaction.Rollback(Savepoint);
            transaction.Release(Savepoint);
        }
        transaction.Commit();
    }

    private readonly struct Telling : IDisposable
    {
        private readonly WritesBeside? _told;

        internal Telling(WritesBeside? told)
        {
            _told = told;
            told?.Begin();
        }

        public void Dispose() => _told?.End();
    }

    private void Reset()
    {
        try
        {
            _connection?.Dispose();
        }
        catch (DbException)
        {
            // The connection is given up because it failed; that closing it fails too says nothing new.
        }
        _connection = null;
    }

    private abstract class Part
    {
        public abstract bool IsCancelled { get; }

        /// <summary>Runs the statements and keeps what came of it; false if they failed.</summary>
        public abstract bool TryRun(DbConnection connection);

        /// <summary>What came of it was rolled back.</summary>
        public abstract void Forget();

        /// <summary>Tells the caller what came of it, after the commit.</summary>
        public abstract void Answer();

        public abstract void Fail(Exception e);
    }

    // Continuations run on the pool, never on the writer's thread.
    private sealed class Part<T>(Func<DbSession, Task<T>> statements, CancellationToken ct) : Part
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Task<T>? _outcome;

        public Task<T> Task => _answer.Task;

        public override bool IsCancelled => ct.IsCancellationRequested;

        public override bool TryRun(DbConnection connection)
        {
            try
            {
                // Once begun it is not cancelled: a statement takes microseconds.
                _outcome = statements(new DbSession(connection, Dialect.Sqlite, CancellationToken.None));
            }
            catch (Exception e)
            {
                _outcome = System.Threading.Tasks.Task.FromException<T>(e);
            }
            if (!_outcome.IsCompleted)
                throw new InvalidOperationException("Statements waited for something other than the database.");
            return _outcome.IsCompletedSuccessfully;
        }

        public override void Forget() => _outcome = null;

        public override void Answer()
        {
            if (_outcome is null)
                _answer.SetCanceled(ct);
            else
                _answer.SetFromTask(_outcome);
        }

        public override void Fail(Exception e) => _answer.SetException(e);
    }
}
