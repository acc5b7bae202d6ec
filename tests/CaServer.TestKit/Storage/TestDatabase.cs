using CaServer.Storage;
using CaServer.TestKit.Processes;

namespace CaServer.TestKit.Storage;

/// <summary>A database of a test's own, with migrated tables and faults on demand.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> s_template = new(MakeTemplateAsync);

    private readonly ScratchDirectory _scratch;

    private TestDatabase(ScratchDirectory scratch, DatabaseSettings settings)
    {
        _scratch = scratch;
        Settings = settings;
    }

    /// <summary>Where it is.</summary>
    public DatabaseSettings Settings { get; }

    /// <summary>Makes its commits fail.</summary>
    public CommitFaults Faults { get; } = new();

    /// <summary>The open database.</summary>
    public Database Database { get; private set; } = null!;

    /// <summary>Makes and opens an empty database.</summary>
    public static async Task<TestDatabase> OpenAsync(DatabaseKind kind)
    {
        var scratch = new ScratchDirectory();
        DatabaseSettings settings = kind switch
        {
            DatabaseKind.Sqlite => new DatabaseSettings.Sqlite(scratch.File("caserver.db")),
            DatabaseKind.Postgres => new DatabaseSettings.Postgres(await CopyTemplateAsync()),
        };
        var test = new TestDatabase(scratch, settings);
        await test.OpenAsync();
        return test;
    }

    /// <summary>Closes and opens it, as a restart of the server does; faults end.</summary>
    public async Task RestartAsync()
    {
        await Database.DisposeAsync();
        Faults.Clear();
        await OpenAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _scratch.Dispose();
    }

    // Copying migrated tables is much faster than making them.
    private static async Task<string> MakeTemplateAsync()
    {
        var cluster = await PostgresCluster.SharedAsync();
        var template = await cluster.CreateDatabaseAsync();
        await using (await Database.OpenAsync(new DatabaseSettings.Postgres(cluster.ConnectionString(template)), TimeProvider.System, CancellationToken.None))
        {
        }
        return template;
    }

    private static async Task<string> CopyTemplateAsync()
    {
        var cluster = await PostgresCluster.SharedAsync();
        return cluster.ConnectionString(await cluster.CreateDatabaseAsync(await s_template.Value));
    }

    private async Task OpenAsync() =>
        Database = await Database.OpenAsync(Settings, source => new FaultyDataSource(source, Faults), TimeProvider.System, CancellationToken.None);
}
