using System.Net.Sockets;
using Npgsql;

namespace CaServer.Storage;

/// <summary>Opens a PostgreSQL database that several instances may share.</summary>
internal static class PostgresServer
{
    // Any number will do, if all instances take the same.
    private const long MigrationLock = 0x4361536572766572;
    private const int PreparedStatements = 100;

    /// <summary>Connects and brings the tables up to date; instances that start together wait for each other.</summary>
    /// <exception cref="StorageStartException">It cannot be used.</exception>
    public static async Task<NpgsqlDataSource> OpenAsync(string connectionString, CancellationToken ct)
    {
        var settings = Parse(connectionString);
        var source = NpgsqlDataSource.Create(settings);
        try
        {
            await using var connection = await source.OpenConnectionAsync(ct);
            await ExecuteAsync(connection, "SELECT pg_advisory_lock($1)", ct);
            try
            {
                await Task.Run(() => Migrator.Run(Dialect.Postgres, Unpooled(settings), Name(settings)), ct);
            }
            finally
            {
                await ExecuteAsync(connection, "SELECT pg_advisory_unlock($1)", CancellationToken.None);
            }
            return source;
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException)
        {
            await source.DisposeAsync();
            throw new StorageStartException(Sentence(settings, e), e);
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects to read only; nothing is brought up to date.</summary>
    /// <exception cref="StorageStartException">It cannot be used.</exception>
    public static Task<NpgsqlDataSource> OpenReadOnlyAsync(string connectionString, CancellationToken ct)
    {
        var settings = Parse(connectionString);
        settings.Options = $"{settings.Options} -c default_transaction_read_only=on".Trim();
        return OpenCurrentAsync(settings, ct);
    }

    /// <summary>Connects to tables that others bring up to date.</summary>
    /// <exception cref="StorageStartException">It cannot be used.</exception>
    public static Task<NpgsqlDataSource> OpenCurrentAsync(string connectionString, CancellationToken ct) => OpenCurrentAsync(Parse(connectionString), ct);

    private static async Task<NpgsqlDataSource> OpenCurrentAsync(NpgsqlConnectionStringBuilder settings, CancellationToken ct)
    {
        try
        {
            if (!await Task.Run(() => Migrator.IsCurrent(Dialect.Postgres, Unpooled(settings)), ct))
                throw new StorageStartException($"The database {Name(settings)} is of another version; first start a process of this version that writes it.");
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException)
        {
            throw new StorageStartException(Sentence(settings, e), e);
        }
        return NpgsqlDataSource.Create(settings);
    }

    private static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            if (settings.MaxAutoPrepare == 0)
                settings.MaxAutoPrepare = PreparedStatements;
            return settings;
        }
        // The text itself may hold a password, and the exception may quote it.
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new StorageStartException(
                "Database:ConnectionString is not a PostgreSQL connection string such as 'Host=db.example;Database=caserver;Username=caserver'.");
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = MigrationLock } }, CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }

    private static string Unpooled(NpgsqlConnectionStringBuilder settings) =>
        new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false }.ConnectionString;

    private static string Name(NpgsqlConnectionStringBuilder settings) => $"{settings.Database} at {settings.Host}";

    private static string Sentence(NpgsqlConnectionStringBuilder settings, Exception e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } p =>
            $"PostgreSQL at {settings.Host} refuses the user ({p.MessageText}); check user and password in Database:ConnectionString.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
            $"PostgreSQL at {settings.Host} has no database '{settings.Database}'; create it or correct Database:ConnectionString.",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } p =>
            $"The user of Database:ConnectionString may not make the tables in '{settings.Database}' ({p.MessageText}); make it the owner of the database.",
        _ => $"Cannot use PostgreSQL at {settings.Host} ({e.Message.TrimEnd('.')}); check that it runs and Database:ConnectionString.",
    };
}
