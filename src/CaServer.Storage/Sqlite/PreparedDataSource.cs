using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace CaServer.Storage;

/// <summary>
/// SQLite connections that are kept open together with their prepared statements. Preparing costs more than running most of our
/// statements, and Microsoft.Data.Sqlite forgets them with each command. (Npgsql does the same for PostgreSQL by itself.)
/// </summary>
internal sealed class PreparedDataSource(string connectionString, string pragmas) : DbDataSource
{
    private const int MostKept = 16;

    private readonly ConcurrentBag<PreparedStatements> _idle = [];
    private volatile bool _disposed;

    public override string ConnectionString => connectionString;

    protected override DbConnection CreateDbConnection() => OpenDbConnection();

    protected override ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default) => new(OpenDbConnection());

    protected override DbConnection OpenDbConnection()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_idle.TryTake(out var idle))
            return new PreparedConnection(this, idle);
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = pragmas;
            command.ExecuteNonQuery();
        }
        catch
        {
            connection.Dispose();
            throw;
        }
        return new PreparedConnection(this, new PreparedStatements(connection));
    }

    internal void GiveBack(PreparedStatements statements)
    {
        if (_disposed || _idle.Count >= MostKept || statements.InTransaction)
            statements.Dispose();
        else
            _idle.Add(statements);
    }

    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        while (_idle.TryTake(out var statements))
            statements.Dispose();
        base.Dispose(disposing);
    }
}
