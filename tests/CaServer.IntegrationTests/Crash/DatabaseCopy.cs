using CaServer.TestKit.Processes;
using Microsoft.Data.Sqlite;

namespace CaServer.IntegrationTests.Crash;

/// <summary>A copy of the database of a server that does not run, so that looking at it leaves no trace in the original.</summary>
internal sealed class DatabaseCopy : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly SqliteConnection _connection;

    /// <summary>Copies the file and its write-ahead log and opens the copy, as the server would after a crash.</summary>
    public DatabaseCopy(string file)
    {
        var copy = _scratch.File("copy.db");
        File.Copy(file, copy);
        if (File.Exists(file + "-wal"))
            File.Copy(file + "-wal", copy + "-wal");
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = copy, Pooling = false }.ConnectionString);
        _connection.Open();
    }

    /// <summary>How far the only order is, whose client answers http-01.</summary>
    public string Progress() => string.Join(", ", List(
        """
        SELECT 1, 'account' FROM accounts
        UNION ALL SELECT 2, 'order ' || status FROM orders
        UNION ALL SELECT 3, 'challenge ' || status FROM challenges WHERE method = 'http-01'
        UNION ALL SELECT 4, 'certificate ' || state FROM issuances WHERE order_id IS NOT NULL
        ORDER BY 1, 2
        """,
        row => row.GetString(1)));

    /// <summary>The rows of a query.</summary>
    public List<T> List<T>(string sql, Func<SqliteDataReader, T> read)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        using var rows = command.ExecuteReader();
        var list = new List<T>();
        while (rows.Read())
            list.Add(read(rows));
        return list;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        _scratch.Dispose();
    }
}
