using System.Data.Common;

namespace CaServer.Storage;

/// <summary>
/// Copies the write-ahead log into the database file, on a thread and a connection of its own, so that no caller waits for it.
/// While writers go on, a checkpoint never catches up entirely and the log would grow for ever; so once it is long, the writer
/// copies the short rest between two groups, and the log begins anew. Where this thread falls far behind, the writer waits for it.
/// </summary>
internal sealed class Checkpointer : IAsyncDisposable
{
    private const int TransactionsPerCheckpoint = 256;

    // So many more while a checkpoint runs, and the disk writes less than it is given.
    private const int TransactionsBehind = 512;

    // Pages of 4 KiB: 32 MiB.
    private const long LongLog = 8192;

    private readonly DbDataSource _source;
    private readonly SemaphoreSlim _wake = new(0);

    // Held for a checkpoint: two at once would be one, and the other would not say so.
    private readonly Lock _copying = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _transactions;
    private volatile bool _finishAsked;
    private volatile bool _stopping;

    public Checkpointer(DbDataSource source)
    {
        _source = source;
        new Thread(Run) { IsBackground = true, Name = "sqlite checkpoints" }.Start();
    }

    /// <summary>Called by the writer after each commit.</summary>
    public void Committed(int transactions)
    {
        _transactions += transactions;
        if (_transactions < TransactionsPerCheckpoint || _finishAsked || _wake.CurrentCount > 0)
            return;
        _transactions = 0;
        _wake.Release();
    }

    /// <summary>Called by the writer between two groups, outside a transaction.</summary>
    public void FinishIfAsked(DbConnection writer)
    {
        if (!_finishAsked && _transactions < TransactionsBehind)
            return;
        lock (_copying)
        {
            _finishAsked = false;
            _transactions = 0;
            try
            {
                Checkpoint(writer);
            }
            catch (DbException)
            {
                // As below: nothing is lost, and the commit that follows says whether the disk is at fault.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        _wake.Release();
        await _ended.Task;
        _wake.Dispose();
        await _source.DisposeAsync();
    }

    private void Run()
    {
        DbConnection? connection = null;
        while (true)
        {
            _wake.Wait();
            if (_stopping)
                break;
            try
            {
                connection ??= _source.OpenConnection();
                lock (_copying)
                {
                    if (!_finishAsked && Checkpoint(connection) > LongLog)
                        _finishAsked = true;
                }
            }
            catch (DbException)
            {
                // Nothing is lost: the log still has everything. The next one tries again on a new connection, and if the disk
                // is at fault, the writer's commits fail and are reported.
                connection?.Dispose();
                connection = null;
            }
        }
        connection?.Dispose();
        _ended.SetResult();
    }

    /// <summary>Copies what it can without making anybody wait; the length of the log in pages.</summary>
    private static long Checkpoint(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        using var reader = command.ExecuteReader();
        return reader.Read() ? reader.GetInt64(1) : 0;
    }
}
