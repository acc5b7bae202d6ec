using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace CaServer.Storage;

/// <summary>An open SQLite connection with its prepared statements; disposing it gives it back to its data source.</summary>
internal sealed class PreparedConnection(PreparedDataSource owner, SqliteConnection inner) : DbConnection
{
    // The texts are constants of this assembly, so their number is bounded.
    private readonly Dictionary<string, SqliteCommand> _idle = new(StringComparer.Ordinal);

    /// <summary>Whether a transaction is open, which whoever took the connection next would be caught in.</summary>
    internal bool InTransaction { get; set; }

    [AllowNull]
    public override string ConnectionString
    {
        get => inner.ConnectionString;
        set => throw new NotSupportedException();
    }

    public override string Database => inner.Database;

    public override string DataSource => inner.DataSource;

    public override string ServerVersion => inner.ServerVersion;

    public override ConnectionState State => inner.State;

    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();

    public override void Open()
    {
    }

    /// <summary>Closes it for good, with what it has prepared.</summary>
    public override void Close()
    {
        foreach (var command in _idle.Values)
            command.Dispose();
        _idle.Clear();
        inner.Dispose();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            owner.GiveBack(this);
        base.Dispose(disposing);
    }

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => new PreparedTransaction(this);

    protected override DbCommand CreateDbCommand() => new PreparedCommand(this);

    internal void Execute(string text)
    {
        using var command = new PreparedCommand(this) { CommandText = text };
        command.ExecuteNonQuery();
    }

    /// <summary>A command with this text that nobody else is using, prepared if it was used before.</summary>
    internal SqliteCommand Take(string text)
    {
        if (_idle.Remove(text, out var command))
            return command;
        command = inner.CreateCommand();
        command.CommandText = text;
        return command;
    }

    internal void GiveBack(SqliteCommand command)
    {
        // The octets of a large argument must not live as long as the statement.
        command.Parameters.Clear();
        if (inner.State != ConnectionState.Open || !_idle.TryAdd(command.CommandText, command))
            command.Dispose();
    }
}
