using Microsoft.Data.Sqlite;

namespace CaServer.Storage;

/// <summary>An open SQLite connection with the statements that were prepared on it. Used by one thread at a time.</summary>
internal sealed class PreparedStatements(SqliteConnection connection) : IDisposable
{
    // The texts are constants of this assembly, so their number is bounded.
    private readonly Dictionary<string, SqliteCommand> _idle = new(StringComparer.Ordinal);

    public SqliteConnection Connection => connection;

    /// <summary>Whether a transaction is open, which whoever took the connection next would be caught in.</summary>
    public bool InTransaction { get; set; }

    /// <summary>A command with this text that nobody else is using, prepared if it was used before.</summary>
    public SqliteCommand Take(string text)
    {
        if (_idle.Remove(text, out var command))
            return command;
        command = connection.CreateCommand();
        command.CommandText = text;
        return command;
    }

    public void GiveBack(SqliteCommand command)
    {
        // The octets of a large argument must not live as long as the statement.
        command.Parameters.Clear();
        if (!_idle.TryAdd(command.CommandText, command))
            command.Dispose();
    }

    /// <summary>Runs a statement without arguments.</summary>
    public void Execute(string text)
    {
        var command = Take(text);
        try
        {
            command.ExecuteNonQuery();
        }
        catch
        {
            command.Dispose();
            throw;
        }
        GiveBack(command);
    }

    public void Dispose()
    {
        foreach (var command in _idle.Values)
            command.Dispose();
        _idle.Clear();
        connection.Dispose();
    }
}
