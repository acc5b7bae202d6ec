using System.Data.Common;
using Dapper;

namespace CaServer.Storage;

/// <summary>Statements on one connection, within the transaction that it is in, if any.</summary>
internal sealed class DbSession(DbConnection connection, Dialect dialect, CancellationToken ct)
{
    /// <summary>Where the two databases need different statements.</summary>
    public Dialect Dialect => dialect;

    /// <summary>The one row, or the default if there is none.</summary>
    public Task<T?> FindAsync<T>(string sql, object? arguments = null) =>
        connection.QuerySingleOrDefaultAsync<T>(new CommandDefinition(sql, arguments, cancellationToken: ct));

    /// <summary>All rows.</summary>
    public async Task<List<T>> ListAsync<T>(string sql, object? arguments = null) =>
        (await connection.QueryAsync<T>(new CommandDefinition(sql, arguments, cancellationToken: ct))).AsList();

    /// <summary>The one column of each row, one after the other as they come from the database.</summary>
    /// <remarks>Dapper's own cancels the command at its end even when all was read, for which Npgsql makes a connection and may wait 15 s.</remarks>
    public async IAsyncEnumerable<T> StreamAsync<T>(string sql, object arguments)
    {
        await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(sql, arguments, cancellationToken: ct));
        while (await reader.ReadAsync(ct))
            yield return await reader.GetFieldValueAsync<T>(0, ct);
    }

    /// <summary>Number of rows written.</summary>
    public Task<int> ExecuteAsync(string sql, object? arguments = null) =>
        connection.ExecuteAsync(new CommandDefinition(sql, arguments, cancellationToken: ct));

    /// <summary>Compare-and-swap of one row: whether it was as expected and is changed now.</summary>
    public async Task<bool> SwapAsync(string sql, object? arguments = null) => await ExecuteAsync(sql, arguments) == 1;
}
