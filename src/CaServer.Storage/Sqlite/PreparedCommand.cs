using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace CaServer.Storage;

/// <summary>A command that borrows the prepared statement of its text from the connection until it is disposed.</summary>
internal sealed class PreparedCommand(PreparedConnection connection, PreparedStatements statements) : DbCommand
{
    private SqliteCommand? _inner;
    private bool _failed;

    [AllowNull]
    public override string CommandText
    {
        get => _inner?.CommandText ?? "";
        set
        {
            Return();
            _inner = statements.Take(value ?? "");
        }
    }

    public override int CommandTimeout { get; set; }

    public override CommandType CommandType { get; set; } = CommandType.Text;

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource { get; set; }

    protected override DbConnection? DbConnection
    {
        get => connection;
        set => throw new NotSupportedException();
    }

    protected override DbTransaction? DbTransaction { get; set; }

    protected override DbParameterCollection DbParameterCollection => Inner.Parameters;

    private SqliteCommand Inner => _inner ?? throw new InvalidOperationException("The command has no text.");

    public override void Cancel()
    {
    }

    public override void Prepare()
    {
    }

    public override int ExecuteNonQuery() => Run(inner => inner.ExecuteNonQuery());

    public override object? ExecuteScalar() => Run(inner => inner.ExecuteScalar());

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) =>
        Run(inner => inner.ExecuteReader(behavior & ~CommandBehavior.CloseConnection));

    protected override DbParameter CreateDbParameter() => Inner.CreateParameter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Return();
        base.Dispose(disposing);
    }

    private T Run<T>(Func<SqliteCommand, T> run)
    {
        try
        {
            return run(Inner);
        }
        catch
        {
            _failed = true;
            throw;
        }
    }

    private void Return()
    {
        if (_inner is not { } inner)
            return;
        _inner = null;
        if (_failed)
            inner.Dispose();
        else
            statements.GiveBack(inner);
    }
}
