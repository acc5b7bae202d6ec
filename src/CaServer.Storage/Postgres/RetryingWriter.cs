using System.Data;
using System.Data.Common;
using System.Security.Cryptography;

namespace CaServer.Storage;

/// <summary>
/// One transaction for each write, on a pooled connection. Read committed is enough: a change is compare-and-swap, and where a
/// decision rests on several rows the statements lock them first. Transactions that PostgreSQL breaks off because they met
/// another (deadlock, serialization) are done again a few times; a failed commit never is, since it may have happened.
/// </summary>
internal sealed class RetryingWriter(DbDataSource source, TimeProvider clock) : TransactionRunner
{
    private const int Attempts = 6;
    private const string SerializationFailure = "40001";
    private const string DeadlockDetected = "40P01";

    public override async Task<T> RunAsync<T>(Func<DbSession, Task<T>> statements, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(ct);
                await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
                var result = await statements(new DbSession(connection, Dialect.Postgres, ct));
                await transaction.CommitAsync(CancellationToken.None);
                return result;
            }
            // PostgreSQL sends these codes only for what it has rolled back.
            catch (DbException e) when (e.SqlState is SerializationFailure or DeadlockDetected && attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(1, 4 << attempt)), clock, ct);
            }
        }
    }

    // The data source belongs to the database, which reads from it too.
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
