using CaServer.Configuration;
using CaServer.Storage;

namespace CaServer.Composition;

/// <summary>The database for a command that ends at once; it may run while the server does.</summary>
internal static class CommandDatabase
{
    /// <exception cref="OperatorFaultException">There is no database, or it cannot be used.</exception>
    public static async Task<Database> OpenAsync(CaServerSettings settings, CancellationToken ct)
    {
        var key = settings.Database is DatabaseSettings.Sqlite ? "Data:Directory" : "Database:ConnectionString";
        if (settings.Database is DatabaseSettings.Sqlite sqlite && !File.Exists(sqlite.File))
            throw new OperatorFaultException(key, $"{settings.Data.Root} has no database; give the server's own --config, or make the CA with 'caserver init' first", null);
        try
        {
            return await Database.OpenForCommandAsync(settings.Database, TimeProvider.System, ct);
        }
        catch (StorageStartException e)
        {
            throw new OperatorFaultException(key, e.Message, e);
        }
    }
}
