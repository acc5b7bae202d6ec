using System.Diagnostics;
using CaServer.TestKit.Processes;
using Npgsql;

namespace CaServer.TestKit.Storage;

/// <summary>
/// A throw-away PostgreSQL server, one for the test process, on a Unix socket in a temporary directory. It ends, and its
/// directory goes, when its standard input does, so it does not outlive a test run that was killed.
/// </summary>
public sealed class PostgresCluster
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private static readonly Lazy<Task<PostgresCluster>> s_shared = new(StartAsync);

    private readonly string _directory;
    private int _databases;

    private PostgresCluster(string directory) => _directory = directory;

    /// <summary>Where the server programs are, or null if they are not installed.</summary>
    public static string? ProgramDirectory { get; } = FindPrograms();

    /// <summary>The server of this test process, started at the first call.</summary>
    public static Task<PostgresCluster> SharedAsync() => s_shared.Value;

    /// <summary>Makes a database, empty or a copy of one that nobody uses; its name.</summary>
    public async Task<string> CreateDatabaseAsync(string? template = null)
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await using var source = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await using var command = source.CreateCommand($"CREATE DATABASE {name} TEMPLATE {template ?? "template1"}");
        await command.ExecuteNonQueryAsync();
        return name;
    }

    /// <summary>The connection string for a database of this server.</summary>
    public string ConnectionString(string database) =>
        $"Host={_directory};Database={database};Username=postgres;Maximum Pool Size=20;Include Error Detail=true";

    private static async Task<PostgresCluster> StartAsync()
    {
        var programs = ProgramDirectory ?? throw new InvalidOperationException("PostgreSQL is not installed.");
        var directory = Directory.CreateTempSubdirectory("caserver-pg-").FullName;
        // PostgreSQL refuses to run as root.
        var user = Environment.IsPrivilegedProcess ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : "";
        if (Environment.IsPrivilegedProcess)
            (await ExternalProgram.Find("chown").RunAsync(["postgres:postgres", directory])).Succeeded();
        var script = $"""
            cd '{directory}' || exit 1
            {user}'{programs}/initdb' -D data -U postgres -A trust -E UTF8 --locale=C -N > initdb.log 2>&1 || exit 1
            {user}'{programs}/postgres' -D data -k '{directory}' -h '' -F -c max_connections=300 < /dev/null > server.log 2>&1 &
            server=$!
            read -r _
            kill -QUIT $server; wait $server
            cd /; rm -rf '{directory}'
            """;
        var keeper = new Process { StartInfo = new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardInput = true } };
        keeper.Start();
        // Nobody waits for the end: removing the databases takes seconds on a busy machine, and the test runner allows its process few.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => keeper.StandardInput.Close();
        var cluster = new PostgresCluster(directory);
        await cluster.WaitAsync(keeper);
        return cluster;
    }

    private async Task WaitAsync(Process keeper)
    {
        var begin = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await using var source = NpgsqlDataSource.Create(ConnectionString("postgres"));
                await using var connection = await source.OpenConnectionAsync();
                return;
            }
            catch (NpgsqlException) when (Stopwatch.GetElapsedTime(begin) < s_deadline && !keeper.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }

    private static string? FindPrograms()
    {
        const string debian = "/usr/lib/postgresql";
        return Directory.Exists(debian)
            ? Directory.GetDirectories(debian).Select(d => Path.Combine(d, "bin")).Order(StringComparer.Ordinal)
                .LastOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres")))
            : null;
    }
}
