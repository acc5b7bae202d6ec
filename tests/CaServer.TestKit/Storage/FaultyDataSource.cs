using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace CaServer.TestKit.Storage;

/// <summary>A data source whose commits fail when a test says so, before or after they happen.</summary>
public sealed class FaultyDataSource(DbDataSource inner, CommitFaults faults) : DbDataSource
{
    /// <inheritdoc/>
    public override string ConnectionString => inner.ConnectionString;

    /// <inheritdoc/>
    protected override DbConnection CreateDbConnection() => throw new NotSupportedException("Connections are opened by the data source.");

    /// <inheritdoc/>
    protected override DbConnection OpenDbConnection()
    {
        faults.Use();
        return new FaultyConnection(inner.OpenConnection(), faults);
    }

    /// <inheritdoc/>
    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default)
    {
        faults.Use();
        return new FaultyConnection(await inner.OpenConnectionAsync(cancellationToken), faults);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override async ValueTask DisposeAsyncCore()
    {
        await inner.DisposeAsync();
        await base.DisposeAsyncCore();
    }
}

internal sealed class FaultyConnection(DbConnection inner, CommitFaults faults) : DbConnection
{
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

    public override void Open() => throw new NotSupportedException("The data source opens connections.");

    public override void Close() => inner.Close();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    protected override DbCommand CreateDbCommand()
    {
        faults.Use();
        return inner.CreateCommand();
    }

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel)
    {
        faults.Use();
        return new FaultyTransaction(this, inner.BeginTransaction(isolationLevel), faults);
    }

    protected override async ValueTask<DbTransaction> BeginDbTransactionAsync(IsolationLevel isolationLevel, CancellationToken cancellationToken)
    {
        faults.Use();
        return new FaultyTransaction(this, await inner.BeginTransactionAsync(isolationLevel, cancellationToken), faults);
    }
}

internal sealed class FaultyTransaction(FaultyConnection connection, DbTransaction inner, CommitFaults faults) : DbTransaction
{
    public override IsolationLevel IsolationLevel => inner.IsolationLevel;

    public override bool SupportsSavepoints => inner.SupportsSavepoints;

    protected override DbConnection DbConnection => connection;

    public override void Commit()
    {
        var fault = faults.Next();
        if (fault != CommitFault.Before)
            inner.Commit();
        Throw(fault);
    }

    public override async Task CommitAsync(CancellationToken cancellationToken = default)
    {
        var fault = faults.Next();
        if (fault != CommitFault.Before)
            await inner.CommitAsync(cancellationToken);
        Throw(fault);
    }

    public override void Rollback() => inner.Rollback();

    public override void Save(string savepointName) => inner.Save(savepointName);

    public override void Rollback(string savepointName) => inner.Rollback(savepointName);

    public override void Release(string savepointName) => inner.Release(savepointName);

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private static void Throw(CommitFault? fault)
    {
        if (fault is { } known)
            throw new InjectedFaultException($"The commit failed {known}, as planned by the test.");
    }
}
