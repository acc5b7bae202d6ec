namespace CaServer.Storage;

/// <summary>Stands where a process that only reads has no writer.</summary>
internal sealed class NoWriter : TransactionRunner
{
    public override Task<T> RunAsync<T>(Func<DbSession, Task<T>> statements, CancellationToken ct) =>
        throw new InvalidOperationException("This process may only read the database.");

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
