using CaServer.Storage;
using CaServer.TestKit.Processes;

namespace CaServer.Tests.Storage;

public sealed class WritesBesideTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    private string Database => _scratch.File("caserver.db");

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void The_server_sees_each_write_of_a_command_and_that_one_is_under_way()
    {
        using var server = WritesBeside.OpenAsServer(Database);
        using var command = WritesBeside.Open(Database);
        var before = server.Mark;
        Assert.NotNull(before);
        command.Begin();
        Assert.Null(server.Mark);
        command.End();
        Assert.NotNull(server.Mark);
        Assert.NotEqual(before, server.Mark);
    }

    [Fact]
    public void What_a_command_that_died_left_behind_is_forgotten_at_the_next_start()
    {
        using (WritesBeside.OpenAsServer(Database))
        using (var command = WritesBeside.Open(Database))
            command.Begin();
        using var server = WritesBeside.OpenAsServer(Database);
        Assert.NotNull(server.Mark);
    }

    [Fact]
    public void Only_the_owner_may_read_the_file()
    {
        using var server = WritesBeside.OpenAsServer(Database);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Database + ".beside"));
    }
}
