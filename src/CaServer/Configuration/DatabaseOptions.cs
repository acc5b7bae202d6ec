using CaServer.Storage;

namespace CaServer.Configuration;

/// <summary>Section <c>Database</c>.</summary>
internal sealed class DatabaseOptions
{
    /// <summary><c>Sqlite</c> or <c>Postgres</c>.</summary>
    public string Provider { get; set; } = "Sqlite";

    /// <summary>Connection string of PostgreSQL; a password belongs into a <c>Passfile</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Which database this is.</summary>
    public DatabaseSettings Parse(DataDirectory data, SettingFaults faults)
    {
        if (Provider.Equals("Sqlite", StringComparison.OrdinalIgnoreCase))
        {
            if (ConnectionString is not null)
                faults.Add("Database:ConnectionString", "is for Postgres only; the SQLite file lies in Data:Directory; remove it");
            return new DatabaseSettings.Sqlite(data.Database);
        }
        if (!Provider.Equals("Postgres", StringComparison.OrdinalIgnoreCase))
            faults.Add("Database:Provider", $"must be Sqlite or Postgres, not '{Provider}'");
        else if (string.IsNullOrWhiteSpace(ConnectionString))
            faults.Add("Database:ConnectionString", "must be set for Postgres, such as Host=/run/postgresql;Database=caserver;Username=caserver");
        else if (ConnectionString.Contains("password", StringComparison.OrdinalIgnoreCase))
            faults.Add("Database:ConnectionString", "must not carry a password, which others could read; use Passfile=PATH");
        return new DatabaseSettings.Postgres(ConnectionString ?? "");
    }
}
