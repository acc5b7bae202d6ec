namespace CaServer.Storage;

/// <summary>Where the data lies: one SQLite file, or a PostgreSQL database that several instances share.</summary>
public abstract record DatabaseSettings
{
    private DatabaseSettings()
    {
    }

    /// <summary>One file, used by one process at a time; short commands may work beside it.</summary>
    /// <param name="File">Path of the database file; its directory is made when it is missing.</param>
    public sealed record Sqlite(string File) : DatabaseSettings;

    /// <summary>A PostgreSQL database.</summary>
    /// <param name="ConnectionString">Npgsql connection string; it may carry a password, so it is never printed.</param>
    public sealed record Postgres(string ConnectionString) : DatabaseSettings
    {
        /// <inheritdoc/>
        public override string ToString() => nameof(Postgres);
    }
}
