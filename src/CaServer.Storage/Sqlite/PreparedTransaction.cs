using System.Data;
using System.Data.Common;

namespace CaServer.Storage;

/// <summary>
/// A write transaction from its first statement on, so that it never fails half-way because another writer was faster. One that
/// is not ended stays with its connection, which is then closed instead of used again.
/// </summary>
internal sealed class PreparedTransaction : DbTransaction
{
    private readonly PreparedConnection _connection;
    private readonly PreparedStatements _statements;

    public PreparedTransaction(PreparedConnection connection, PreparedStatements statements)
    {
        statements.Execute("BEGIN IMMEDIATE");
        statements.InTransaction = true;
        _connection = connection;
        _statements = statements;
    }

    public override IsolationLevel IsolationLevel => IsolationLevel.Serializable;

    public override bool SupportsSavepoints => true;

    protected override DbConnection DbConnection => _connection;

    public override void Commit() => End("COMMIT");

    public override void Rollback() => End("ROLLBACK");

    public override void Save(string savepointName) => _statements.Execute("SAVEPOINT " + savepointName);

    public override void Rollback(string savepointName) => _statements.Execute("ROLLBACK TO " + savepointName);

    public override void Release(string savepointName) => _statements.Execute("RELEASE " + savepointName);

    private void End(string text)
    {
        _statements.Execute(text);
        _statements.InTransaction = false;
    }
}
