namespace CaServer.Configuration;

/// <summary>Section <c>Database</c>.</summary>
internal sealed class DatabaseOptions
{
    /// <summary><c>Sqlite</c> or <c>Postgres</c>.</summary>
    public string Provider { get; set; } = "Sqlite";

    /// <summary>Connection string of PostgreSQL; a password belongs into a <c>Passfile</c>.</summary>
    public string? ConnectionString { get; set; }
}

/// <summary>The kinds of database.</summary>
internal enum DatabaseProvider
{
    Sqlite,
    Postgres,
}

/// <summary>Which database, validated.</summary>
internal sealed record DatabaseSettings(DatabaseProvider Provider, string? ConnectionString)
{
    public static DatabaseSettings Parse(DatabaseOptions options, SettingFaults faults)
    {
        if (options.Provider.Equals("Sqlite", StringComparison.OrdinalIgnoreCase))
        {
            if (options.ConnectionString is not null)
                faults.Add("Database:ConnectionString", "is for Postgres only; the SQLite file lies in Data:Directory; remove it");
            return new DatabaseSettings(DatabaseProvider.Sqlite, null);
        }
        if (!options.Provider.Equals("Postgres", StringComparison.OrdinalIgnoreCase))
            faults.Add("Database:Provider", $"must be Sqlite or Postgres, not '{options.Provider}'");
        else if (string.IsNullOrWhiteSpace(options.ConnectionString))
            faults.Add("Database:ConnectionString", "must be set for Postgres, such as Host=/run/postgresql;Database=caserver;Username=caserver");
        else if (options.ConnectionString.Contains("password", StringComparison.OrdinalIgnoreCase))
            faults.Add("Database:ConnectionString", "must not carry a password, which would be readable in the process list; use Passfile=PATH");
        return new DatabaseSettings(DatabaseProvider.Postgres, options.ConnectionString);
    }
}
