namespace CaServer.Storage;

/// <summary>
/// Runs statements as durable transactions. Implementations guarantee: the task completes only after the commit is on disk; a
/// failure of one caller's statements leaves nothing of them behind and does not touch other callers.
/// </summary>
internal abstract class TransactionRunner : IAsyncDisposable
{
    public abstract Task<T> RunAsync<T>(Func<DbSession, Task<T>> statements, CancellationToken ct);

    public abstract ValueTask DisposeAsync();
}
