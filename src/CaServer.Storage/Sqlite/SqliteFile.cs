using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CaServer.Storage;

/// <summary>The database file, held for this process alone as long as the object lives, unless a short command opened it beside one that does.</summary>
internal sealed class SqliteFile : IAsyncDisposable
{
    // Reading 64 MiB takes a fraction of a second; of a larger file only what is touched at the start is checked.
    private const long LargestChecked = 64L << 20;
    private const int BusySeconds = 30;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly FileStream? _lock;
    private WritesBeside? _beside;

    private SqliteFile(string path, FileStream? @lock)
    {
        _path = path;
        _lock = @lock;
    }

    /// <summary>Opens or makes the file, checks it and brings its tables up to date.</summary>
    /// <exception cref="StorageStartException">It cannot be used.</exception>
    public static SqliteFile Open(string path)
    {
        MakeFile(path);
        var @lock = TryLock(path) ?? throw new StorageStartException(
            $"Another process is using the database {path}; stop it first, or give this one a Data:Directory of its own.");
        return Prepared(path, @lock, file => file.Prepare());
    }

    /// <summary>
    /// Opens a file that exists: for this process alone if nobody has it, else beside the process that does, whose tables must then
    /// be those of this version.
    /// </summary>
    /// <exception cref="StorageStartException">It cannot be used.</exception>
    public static SqliteFile OpenForCommand(string path) =>
        TryLock(path) is { } @lock
            ? Prepared(path, @lock, file => file.Prepare())
            : Prepared(path, null, file => file.PrepareBeside());

    /// <summary>For the process that has the file: a number that each write of a command beside it changes; null while one is writing, and for a command.</summary>
    public long? MarkOfOthers => _lock is null ? null : _beside?.Mark;

    /// <summary>For a command beside the process that has the file: what tells that process of writes. Otherwise null.</summary>
    public WritesBeside? Told => _lock is null ? _beside : null;

    /// <summary>Readers alone, beside the process that has the file.</summary>
    /// <exception cref="StorageStartException">It cannot be used.</exception>
    public static PreparedDataSource OpenReaders(string path)
    {
        if (!File.Exists(path))
            throw new StorageStartException($"There is no database {path}; start a process that writes it first.");
        var file = new SqliteFile(path, null);
        try
        {
            if (Migrator.IsCurrent(Dialect.Sqlite, file.Connection(SqliteOpenMode.ReadOnly)))
                return file.CreateReaders();
        }
        catch (SqliteException e)
        {
            throw new StorageStartException(Sentence(path, e), e);
        }
        throw new StorageStartException($"The database {path} is of another version; first start a process of this version that writes it.");
    }

    private static SqliteFile Prepared(string path, FileStream? @lock, Action<SqliteFile> prepare)
    {
        try
        {
            var file = new SqliteFile(path, @lock);
            prepare(file);
            return file;
        }
        catch (SqliteException e)
        {
            @lock?.Dispose();
            throw new StorageStartException(Sentence(path, e), e);
        }
        catch
        {
            @lock?.Dispose();
            throw;
        }
    }

    public PreparedDataSource CreateReaders() => new(Connection(SqliteOpenMode.ReadOnly), Pragmas);

    // A checkpoint of SQLite's own would run inside a caller's commit.
    public PreparedDataSource CreateWriter() =>
        new(Connection(SqliteOpenMode.ReadWrite), Pragmas + "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=0;");

    public Checkpointer CreateCheckpointer() =>
        new(new PreparedDataSource(Connection(SqliteOpenMode.ReadWrite), Pragmas + "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"));

    /// <summary>Copies the rest of the log into the file, after all other connections were closed, and lets other processes in.</summary>
    public async ValueTask DisposeAsync()
    {
        _beside?.Dispose();
        // Beside another process the log is that one's to copy.
        if (_lock is null)
            return;
        try
        {
            await using var connection = new SqliteConnection(Connection(SqliteOpenMode.ReadWrite));
            connection.Open();
            Text(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // The log keeps what it has; the next start copies it, or says what is wrong with the disk.
        }
        await _lock.DisposeAsync();
    }

    private static string Pragmas => $"PRAGMA busy_timeout={BusySeconds * 1000};";

    private string Connection(SqliteOpenMode mode) => new SqliteConnectionStringBuilder
    {
        DataSource = _path,
        Mode = mode,
        Pooling = false,
        DefaultTimeout = BusySeconds,
    }.ConnectionString;

    private static void MakeFile(string path)
    {
        try
        {
            var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
            MakeDirectory(directory);
            if (Directory.Exists(path))
                throw new StorageStartException($"{path} is a directory; the database needs a file of that name.");
            // Made with the right mode at once, before anything else opens it.
            using (new FileStream(path, OpenOrCreate()))
            {
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw Unwritable(path, e);
        }
    }

    // A lock file of its own: closing any handle of the database file itself would drop the locks that SQLite has on it.
    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path + ".lock", OpenOrCreate());
        }
        catch (IOException) when (File.Exists(path + ".lock"))
        {
            return null;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw Unwritable(path, e);
        }
    }

    private static void MakeDirectory(string directory)
    {
        if (Directory.Exists(directory))
            return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, Private | UnixFileMode.UserExecute);
    }

    private static FileStreamOptions OpenOrCreate()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Private;
        return options;
    }

    private static void MakePrivate(string path)
    {
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) != Private)
            File.SetUnixFileMode(path, Private);
    }

    private void PrepareBeside()
    {
        RequireCurrentTables();
        _beside = WritesBeside.Open(_path);
    }

    private void RequireCurrentTables()
    {
        if (!Migrator.IsCurrent(Dialect.Sqlite, Connection(SqliteOpenMode.ReadWrite)))
        {
            throw new StorageStartException(
                $"The process that uses the database {_path} is of another version, or is just starting; use the program of the same version, or stop that process first.");
        }
    }

    private void Prepare()
    {
        MakePrivate(_path);
        using (var connection = new SqliteConnection(Connection(SqliteOpenMode.ReadWrite)))
        {
            connection.Open();
            if (Text(connection, "PRAGMA journal_mode=WAL") is not "wal" and var mode)
            {
                throw new StorageStartException(
                    $"The database {_path} cannot use a write-ahead log (journal mode stays '{mode}'); put it on a local file system.");
            }
            if (new FileInfo(_path).Length <= LargestChecked && Text(connection, "PRAGMA quick_check(1)") is not "ok" and var fault)
                throw new StorageStartException(Damaged(_path, fault ?? "no answer"));
            Migrator.Run(Dialect.Sqlite, Connection(SqliteOpenMode.ReadWrite), _path);
            ReleaseLeases(connection);
        }
        _beside = WritesBeside.OpenAsServer(_path);
    }

    // Only this process uses the file: whoever held a lease is gone.
    private static void ReleaseLeases(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            UPDATE challenges SET lease_owner = NULL, lease_until = NULL WHERE status = 'processing' AND lease_until IS NOT NULL;
            UPDATE orders SET lease_owner = NULL, lease_until = NULL WHERE status = 'processing' AND lease_until IS NOT NULL;
            """;
        command.ExecuteNonQuery();
    }

    private static string? Text(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as string;
    }

    private static StorageStartException Unwritable(string path, Exception e) =>
        new($"Cannot write the database {path} ({e.Message.TrimEnd('.')}); make its directory writable or choose another Data:Directory.", e);

    private static string Damaged(string path, string fault) =>
        $"The database {path} is damaged ({fault.ReplaceLineEndings(" ").Trim()}); restore it from a backup, and keep the damaged file and its -wal for examination.";

    private static string Sentence(string path, SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_NOTADB => $"{path} is not a database of this server; restore it from a backup or choose another Data:Directory.",
        raw.SQLITE_CORRUPT => Damaged(path, e.Message),
        raw.SQLITE_FULL => $"The disk that holds the database {path} is full; free some space.",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => $"Another program holds the database {path} locked; close it.",
        raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_PERM =>
            $"Cannot write the database {path} ({e.Message.TrimEnd('.')}); make it and its directory writable or choose another Data:Directory.",
        _ => $"Cannot open the database {path} ({e.Message.TrimEnd('.')}); check the disk, or restore it from a backup.",
    };
}
