using System.Runtime.Versioning;
using CaServer.Storage;
using CaServer.TestKit.Processes;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

[UnsupportedOSPlatform("windows")]
public sealed class DatabaseStartTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ScratchDirectory _scratch = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task The_file_and_its_directory_are_made_for_their_owner_only()
    {
        var file = _scratch.File("a/b/caserver.db");
        await using var database = await OpenAsync(file);
        await new LogStore(database).AppendAsync(StorageSamples.Leaf("x"), Ct);

        Assert.Equal(Private, File.GetUnixFileMode(file));
        Assert.Equal(Private, File.GetUnixFileMode(file + "-wal"));
        Assert.Equal(Private | UnixFileMode.UserExecute, File.GetUnixFileMode(_scratch.File("a/b")));
    }

    [Fact]
    public async Task A_file_that_others_could_read_is_closed_to_them()
    {
        var file = await MadeAsync();
        File.SetUnixFileMode(file, Private | UnixFileMode.OtherRead);

        await using var database = await OpenAsync(file);

        Assert.Equal(Private, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task Closing_leaves_everything_in_the_one_file()
    {
        var file = _scratch.File("caserver.db");
        await using (var database = await OpenAsync(file))
        {
            await new LogStore(database).AppendAsync(StorageSamples.Leaf("x"), Ct);
            Assert.Equal(1, await new LogStore(database).CountAsync(Ct));
        }

        Assert.False(File.Exists(file + "-wal"));
        File.Copy(file, _scratch.File("copy.db"));
        await using var copy = await OpenAsync(_scratch.File("copy.db"));
        Assert.Equal(1, await new LogStore(copy).CountAsync(Ct));
    }

    [Fact]
    public async Task A_command_works_beside_the_process_that_has_the_file()
    {
        var file = await MadeAsync();
        await using var server = await OpenAsync(file);
        await using (var command = await Database.OpenForCommandAsync(new DatabaseSettings.Sqlite(file), TimeProvider.System, Ct))
        {
            await Task.WhenAll(
                Enumerable.Range(0, 50).Select(i => new LogStore(i % 2 == 0 ? server : command).AppendAsync(StorageSamples.Leaf($"{i}"), Ct)));
            Assert.Equal(await new LogStore(server).CountAsync(Ct), await new LogStore(command).CountAsync(Ct));
        }
        var before = await new LogStore(server).CountAsync(Ct);
        await new LogStore(server).AppendAsync(StorageSamples.Leaf("x"), Ct);
        Assert.Equal(before + 1, await new LogStore(server).CountAsync(Ct));
    }

    [Fact]
    public async Task A_command_has_the_file_for_itself_when_no_process_does()
    {
        var file = await MadeAsync();
        await using var command = await Database.OpenForCommandAsync(new DatabaseSettings.Sqlite(file), TimeProvider.System, Ct);

        await Assert.ThrowsAsync<StorageStartException>(() => OpenAsync(file));
    }

    [Fact]
    public async Task A_command_of_another_version_than_the_running_process_is_refused()
    {
        var file = await MadeAsync();
        await using var server = await OpenAsync(file);
        await server.WriteAsync(s => s.ExecuteAsync("INSERT INTO SchemaVersions (ScriptName, Applied) VALUES ('999_later.sql', '2099-01-01')"), Ct);

        var fault = await Assert.ThrowsAsync<StorageStartException>(
            () => Database.OpenForCommandAsync(new DatabaseSettings.Sqlite(file), TimeProvider.System, Ct));

        Assert.Contains("of another version", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_process_on_the_same_file_is_refused_until_the_first_ends()
    {
        var file = _scratch.File("caserver.db");
        await using (await OpenAsync(file))
        {
            var e = await Assert.ThrowsAsync<StorageStartException>(() => OpenAsync(file));
            Assert.StartsWith($"Another process is using the database {file}", e.Message);
        }
        await using var again = await OpenAsync(file);
    }

    [Fact]
    public async Task A_file_that_is_not_a_database_is_refused_and_left_alone()
    {
        var file = _scratch.File("caserver.db");
        await File.WriteAllTextAsync(file, string.Concat(Enumerable.Repeat("this is no database ", 500)), Ct);

        await RefusedAsync(file, "is not a database");

        Assert.StartsWith("this is no database", await File.ReadAllTextAsync(file, Ct));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(8192)]
    [InlineData(40960)]
    public async Task A_damaged_database_is_refused(int offset)
    {
        var file = await MadeAsync();
        await using (var stream = File.OpenWrite(file))
        {
            stream.Position = offset;
            await stream.WriteAsync(Enumerable.Repeat((byte)0xa5, 4096).ToArray(), Ct);
        }

        await RefusedAsync(file, "is damaged");
    }

    [Fact]
    public async Task A_truncated_database_is_refused()
    {
        var file = await MadeAsync();
        await using (var stream = File.OpenWrite(file))
            stream.SetLength(12288);

        await RefusedAsync(file, "is damaged");
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_refused()
    {
        var plain = _scratch.File("plain");
        await File.WriteAllTextAsync(plain, "", Ct);

        await RefusedAsync(Path.Combine(plain, "caserver.db"), "Cannot write the database");
        await RefusedAsync("/proc/caserver/caserver.db", "Cannot write the database");
        Directory.CreateDirectory(_scratch.File("dir.db"));
        await RefusedAsync(_scratch.File("dir.db"), "is a directory");
    }

    [Theory, EachDatabase]
    public async Task Opening_again_changes_nothing(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var before = await SchemaAsync(test);

        await test.RestartAsync();
        await test.RestartAsync();

        Assert.Equal(before, await SchemaAsync(test));
        Assert.Single(before, "001_foundation.sql");
    }

    [Theory, EachDatabase]
    public async Task A_database_of_a_newer_version_is_refused(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        await test.Database.WriteAsync(
            session => session.ExecuteAsync("INSERT INTO SchemaVersions (ScriptName, Applied) VALUES ('999_future.sql', CURRENT_TIMESTAMP)"), Ct);

        var e = await Assert.ThrowsAsync<StorageStartException>(test.RestartAsync);

        Assert.Contains("newer version", e.Message);
        Assert.Contains("999_future.sql", e.Message);
    }

    [Theory, EachDatabase(DatabaseKind.Postgres)]
    public async Task Instances_that_start_together_on_an_empty_database_wait_for_each_other(DatabaseKind kind)
    {
        Assert.Equal(DatabaseKind.Postgres, kind);
        var cluster = await PostgresCluster.SharedAsync();
        var settings = new DatabaseSettings.Postgres(cluster.ConnectionString(await cluster.CreateDatabaseAsync()));

        var databases = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => Database.OpenAsync(settings, TimeProvider.System, Ct), Ct)));

        foreach (var database in databases)
        {
            await database.PingAsync(Ct);
            await database.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_connection_string_that_is_none_is_refused_without_being_shown()
    {
        var e = await Assert.ThrowsAsync<StorageStartException>(
            () => Database.OpenAsync(new DatabaseSettings.Postgres("Host=x;Pasword=secret"), TimeProvider.System, Ct));

        Assert.DoesNotContain("secret", e.ToString());
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        var settings = new DatabaseSettings.Postgres($"Host={_scratch.Path};Database=caserver;Username=u;Password=secret");

        var e = await Assert.ThrowsAsync<StorageStartException>(() => Database.OpenAsync(settings, TimeProvider.System, Ct));

        Assert.StartsWith($"Cannot use PostgreSQL at {_scratch.Path}", e.Message);
        Assert.DoesNotContain("secret", e.ToString());
    }

    [Theory, EachDatabase(DatabaseKind.Postgres)]
    public async Task A_database_that_does_not_exist_on_the_server_is_named(DatabaseKind kind)
    {
        Assert.Equal(DatabaseKind.Postgres, kind);
        var settings = new DatabaseSettings.Postgres((await PostgresCluster.SharedAsync()).ConnectionString("nowhere"));

        var e = await Assert.ThrowsAsync<StorageStartException>(() => Database.OpenAsync(settings, TimeProvider.System, Ct));

        Assert.Contains("has no database 'nowhere'; create it", e.Message);
    }

    private static Task<Database> OpenAsync(string file) =>
        Database.OpenAsync(new DatabaseSettings.Sqlite(file), TimeProvider.System, Ct);

    private static async Task RefusedAsync(string file, string why)
    {
        var e = await Assert.ThrowsAsync<StorageStartException>(() => OpenAsync(file));
        Assert.Contains(why, e.Message);
        Assert.DoesNotContain('\n', e.Message);
        Assert.EndsWith(".", e.Message);
    }

    private async Task<string> MadeAsync()
    {
        var file = _scratch.File("caserver.db");
        await using var database = await OpenAsync(file);
        return file;
    }

    private static Task<List<string>> SchemaAsync(TestDatabase test) =>
        test.Database.ReadAsync(
            session => session.ListAsync<string>(
                test.Settings is DatabaseSettings.Sqlite
                    ? "SELECT COALESCE(sql, name) FROM sqlite_schema UNION ALL SELECT ScriptName FROM SchemaVersions"
                    : "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' UNION ALL SELECT ScriptName FROM SchemaVersions"),
            Ct);
}
