using System.Data.Common;
using Dapper;

namespace CaServer.Storage;

/// <summary>Statements on one connection, within the transaction that it is in, if any.</summary>
internal sealed class DbSession(DbConnection connection, CancellationToken ct)
{
    /// <summary>The one row, or the default if there is none.</summary>
    public Task<T?> FindAsync<T>(string sql, object? arguments = null) =>
        connection.QuerySingleOrDefaultAsync<T>(new CommandDefinition(sql, arguments, cancellationToken: ct));

    /// <summary>All rows.</summary>
    public async Task<List<T>> ListAsync<T>(string sql, object? arguments = null) =>
        (await connection.QueryAsync<T>(new CommandDefinition(sql, arguments, cancellationToken: ct))).AsList();

    /// <summary>The rows one after the other, as they come from the database.</summary>
    public IAsyncEnumerable<T> StreamAsync<T>(string sql, object arguments) =>
        connection.QueryUnbufferedAsync<T>(sql, arguments);

    /// <summary>Number of rows written.</summary>
    public Task<int> ExecuteAsync(string sql, object? arguments = null) =>
        connection.ExecuteAsync(new CommandDefinition(sql, arguments, cancellationToken: ct));

    /// <summary>Compare-and-swap of one row: whether it was as expected and is changed now.</summary>
    public async Task<bool> SwapAsync(string sql, object? arguments = null) => await ExecuteAsync(sql, arguments) == 1;
}
