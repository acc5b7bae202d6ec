using System.Data.Common;
using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>
/// The open database. Every write is one durable transaction: when the task has completed, the data survives a power cut. When a
/// write fails, either nothing of it was kept or, if the failure hit the commit itself, its fate is unknown; state changes are
/// compare-and-swap, so doing it again is safe.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private readonly DbDataSource _readers;
    private readonly TransactionRunner _writer;
    private readonly SqliteFile? _file;
    private readonly string? _postgres;
    private int _disposed;

    private Database(Dialect dialect, DbDataSource readers, TransactionRunner writer, SqliteFile? file, string? postgres)
    {
        Dialect = dialect;
        _readers = readers;
        _writer = writer;
        _file = file;
        _postgres = postgres;
        // With several processes that write there is nothing to tell what another one has done.
        var mark = () => _file?.MarkOfOthers;
        Accounts = new(mark, most: 10_000);
        KeyHistories = new(mark, most: 2_000);
        Authorizations = new(mark);
    }

    internal Known<AccountId, Account> Accounts { get; }

    internal Known<AccountId, IReadOnlyList<byte[]>> KeyHistories { get; }

    internal KnownAuthorizations Authorizations { get; }

    /// <summary>Certificates that were issued, which nobody changes.</summary>
    internal Known<IssuanceId, IssuedCertificate> Certificates { get; } = new(() => 0, most: 1_000);

    internal Dialect Dialect { get; }

    /// <summary>Whether this process may only read.</summary>
    public bool IsReadOnly { get; private init; }

    /// <summary>Opens the database and brings its tables up to date.</summary>
    /// <param name="settings">Where it is.</param>
    /// <param name="clock">Used only to wait between attempts.</param>
    /// <param name="ct">Cancels the opening.</param>
    /// <exception cref="StorageStartException">It cannot be used; the message says what to do.</exception>
    public static Task<Database> OpenAsync(DatabaseSettings settings, TimeProvider clock, CancellationToken ct) =>
        OpenAsync(settings, source => source, clock, ct);

    /// <summary>
    /// Opens the database for a command of a few transactions. If a process has the SQLite file already, the command works beside
    /// it: SQLite makes the writers take turns and shows each what the other has committed, and the command touches neither the
    /// tables' definitions nor leases.
    /// </summary>
    /// <exception cref="StorageStartException">It cannot be used; the message says what to do.</exception>
    public static async Task<Database> OpenForCommandAsync(DatabaseSettings settings, TimeProvider clock, CancellationToken ct)
    {
        if (settings is not DatabaseSettings.Sqlite sqlite)
            return await OpenAsync(settings, clock, ct);
        ColumnTypes.Register();
        return OfFile(await Task.Run(() => SqliteFile.OpenForCommand(sqlite.File), ct), source => source);
    }

    /// <summary>
    /// Opens the database to read only, beside the processes that write; its tables must be those of this version. A write is
    /// an <see cref="InvalidOperationException"/>.
    /// </summary>
    /// <exception cref="StorageStartException">It cannot be used; the message says what to do.</exception>
    public static async Task<Database> OpenReadOnlyAsync(DatabaseSettings settings, CancellationToken ct)
    {
        ColumnTypes.Register();
        return settings switch
        {
            DatabaseSettings.Sqlite sqlite => new Database(
                Dialect.Sqlite, await Task.Run(() => SqliteFile.OpenReaders(sqlite.File), ct), new NoWriter(), null, null)
            { IsReadOnly = true },
            DatabaseSettings.Postgres postgres => new Database(
                Dialect.Postgres, await PostgresServer.OpenReadOnlyAsync(postgres.ConnectionString, ct), new NoWriter(), null, postgres.ConnectionString)
            { IsReadOnly = true },
            _ => throw new ArgumentOutOfRangeException(nameof(settings)),
        };
    }

    /// <summary>
    /// Opens a PostgreSQL database for a perspective in a process of its own, whose user need not be allowed more than to read and update
    /// <c>remote_checks</c> and to read which version the tables are of.
    /// </summary>
    /// <exception cref="StorageStartException">It cannot be used; the message says what to do.</exception>
    public static async Task<Database> OpenForPerspectiveAsync(DatabaseSettings.Postgres settings, TimeProvider clock, CancellationToken ct)
    {
        ColumnTypes.Register();
        var source = await PostgresServer.OpenCurrentAsync(settings.ConnectionString, ct);
        return new Database(Dialect.Postgres, source, new RetryingWriter(source, clock), null, settings.ConnectionString);
    }

    /// <summary>Opens the database with data sources that a test has wrapped, so that it can make them fail.</summary>
    internal static async Task<Database> OpenAsync(
        DatabaseSettings settings, Func<DbDataSource, DbDataSource> wrap, TimeProvider clock, CancellationToken ct)
    {
        ColumnTypes.Register();
        switch (settings)
        {
            case DatabaseSettings.Sqlite sqlite:
                return OfFile(await Task.Run(() => SqliteFile.Open(sqlite.File), ct), wrap);
            case DatabaseSettings.Postgres postgres:
                var pool = await PostgresServer.OpenAsync(postgres.ConnectionString, ct);
                var source = wrap(pool);
                return new Database(Dialect.Postgres, source, new RetryingWriter(source, clock), null, postgres.ConnectionString);
            default:
                throw new ArgumentOutOfRangeException(nameof(settings));
        }
    }

    private static Database OfFile(SqliteFile file, Func<DbDataSource, DbDataSource> wrap) =>
        new(Dialect.Sqlite, wrap(file.CreateReaders()), new GroupCommitWriter(wrap(file.CreateWriter()), file.CreateCheckpointer(), file.Told), file, null);

    /// <summary>
    /// Hears what other processes tell until it is cancelled: each notice as it comes, and null whenever some may have been missed. On
    /// SQLite, where there is one process, there is nothing to hear.
    /// </summary>
    public Task ListenAsync(Action<Notice?> heard, TimeProvider clock, CancellationToken ct) =>
        _postgres is null ? Task.Delay(Timeout.InfiniteTimeSpan, clock, ct) : PostgresNotices.ListenAsync(_postgres, heard, clock, ct);

    /// <summary>Asks the database something simple and, where there is a writer, waits for its turn; for the readiness check.</summary>
    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task PingAsync(CancellationToken ct)
    {
        await ReadAsync(session => session.FindAsync<long>("SELECT 1"), ct);
        if (!IsReadOnly)
            await WriteAsync(session => session.FindAsync<long>("SELECT 1"), ct);
    }

    /// <summary>Runs queries on a connection of their own.</summary>
    internal async Task<T> ReadAsync<T>(Func<DbSession, Task<T>> queries, CancellationToken ct)
    {
        await using var connection = await _readers.OpenConnectionAsync(ct);
        return await queries(new DbSession(connection, Dialect, ct));
    }

    /// <summary>
    /// Runs statements as one transaction that is durable when the task completes. They may run more than once, so they must
    /// have no effect outside the database; and they must wait for nothing but the database.
    /// </summary>
    internal Task<T> WriteAsync<T>(Func<DbSession, Task<T>> statements, CancellationToken ct) => _writer.RunAsync(statements, ct);

    /// <summary>Tells the other processes something when the session's transaction commits.</summary>
    internal Task TellAsync(DbSession session, Notice notice) => _postgres is null ? Task.CompletedTask : PostgresNotices.TellAsync(session, notice);

    /// <summary>Finishes the writes that were accepted and closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _writer.DisposeAsync();
        await _readers.DisposeAsync();
        if (_file is not null)
            await _file.DisposeAsync();
    }
}
