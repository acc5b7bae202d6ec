using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace CaServer.Storage;

/// <summary>A loan of an open connection; disposing it, once or several times, gives the connection back once.</summary>
internal sealed class PreparedConnection(PreparedDataSource owner, PreparedStatements statements) : DbConnection
{
    private bool _returned;

    [AllowNull]
    public override string ConnectionString
    {
        get => owner.ConnectionString;
        set => throw new NotSupportedException();
    }

    public override string Database => "main";

    public override string DataSource => statements.Connection.DataSource;

    public override string ServerVersion => statements.Connection.ServerVersion;

    public override ConnectionState State => _returned ? ConnectionState.Closed : ConnectionState.Open;

    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();

    public override void Open() => throw new NotSupportedException("The data source opens connections.");

    public override void Close()
    {
        if (_returned)
            return;
        _returned = true;
        owner.GiveBack(statements);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Close();
        base.Dispose(disposing);
    }

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => new PreparedTransaction(this, statements);

    protected override DbCommand CreateDbCommand()
    {
        ObjectDisposedException.ThrowIf(_returned, this);
        return new PreparedCommand(this, statements);
    }
}
